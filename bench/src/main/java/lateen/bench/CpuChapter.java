package lateen.bench;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/**
 * CPU time a unit of work and memory, contestant beside contestant.
 *
 * @param unit of work, in the singular
 * @param lastIsFloor the last contestant does the least that one who stands between can do: what the others take above that is
 *     compared too
 */
record CpuChapter(
        String title,
        String unit,
        Map<String, Supplier<Peer>> starters,
        boolean lastIsFloor,
        Load load,
        Effort effort) {

    Report run() {
        System.out.println("bench: " + title);
        try (Rounds rounds = new Rounds(starters, load)) {
            List<Memory> idle = rounds.settled();
            rounds.warmUp(effort.warmUp(), effort.warmUp());
            List<Rounds.Result> results = rounds.run(effort.rounds(), effort.seconds());
            return new Report(table(results, idle, rounds.settled()), rounds.raw());
        }
    }

    private String table(List<Rounds.Result> results, List<Memory> idle, List<Memory> loaded) {
        StringBuilder table = new StringBuilder();
        table.append("### ").append(title).append("\n\n");
        table.append(String.format(
                "| | CPU µs a %1$s | Lateen ÷ it |%2$s %1$ss/s | %1$ss a CPU second | idle MB | after load MB |%n",
                unit, lastIsFloor ? " above the floor |" : ""));
        table.append(lastIsFloor ? "|---|---|---|---|---|---|---|---|\n" : "|---|---|---|---|---|---|---|\n");
        Series ours = results.getFirst().cpu();
        Series floor = results.getLast().cpu();
        for (int i = 0; i < results.size(); i++) {
            Rounds.Result result = results.get(i);
            String above = result.equals(results.getLast())
                    ? "–"
                    : ours.minus(floor).over(result.cpu().minus(floor)).text("%.2f");
            table.append(String.format(
                    Locale.ROOT,
                    "| %s | %s | %s |%s %s | %s | %s | %s |%n",
                    result.name(),
                    result.cpu().text("%,.1f"),
                    ours.over(result.cpu()).text("%.2f"),
                    lastIsFloor ? " " + above + " |" : "",
                    figure(result.rate().median()),
                    figure(1e6 / result.cpu().median()),
                    idle.get(i).text(),
                    loaded.get(i).text()));
        }
        return table.append('\n').toString();
    }

    private static String figure(double value) {
        return String.format(Locale.ROOT, value < 100 ? "%.1f" : "%,.0f", value);
    }
}
