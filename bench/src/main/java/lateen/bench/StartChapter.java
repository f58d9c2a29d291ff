package lateen.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/**
 * From start to the first 200, and how slow the first thousand requests are: in an open loop, at a rate that a workload may see
 * while it starts, against the same rate when the proxy is warm.
 *
 * @param kinds of contestants, by what they are; each has its own rounds
 */
record StartChapter(Map<String, Map<String, Supplier<Peer>>> kinds, Effort effort) {

    private static final int FIRST = 1_000;
    private static final int PER_SECOND = 250;

    /** One contestant and what its starts showed; times in ms, latencies in µs. */
    private record Row(String name, Supplier<Peer> starter, Series firstAnswer, Series firstP99, Series warmP99) {}

    Report run() {
        System.out.println("bench: start and the first " + FIRST + " requests");
        StringBuilder raw = new StringBuilder();
        List<Row> all = new ArrayList<>();
        kinds.forEach((kind, starters) -> {
            List<Row> rows = new ArrayList<>();
            starters.forEach((name, starter) ->
                    rows.add(new Row(name + ", " + kind, starter, new Series(), new Series(), new Series())));
            for (int round = 0; round < effort.rounds(); round++) {
                for (Row row : round % 2 == 0 ? rows : rows.reversed()) {
                    String line = row.name() + ": " + one(row, round == effort.rounds() - 1);
                    System.out.println("bench:   " + line);
                    raw.append("# ").append(line).append('\n');
                }
            }
            all.addAll(rows);
        });
        return new Report(table(all), raw.toString());
    }

    private String one(Row row, boolean last) {
        try (Peer peer = row.starter().get()) {
            double start = peer.startToFirstAnswer().toNanos() / 1e6;
            row.firstAnswer().add(start);
            Percentiles first = requests(peer.port(), FIRST);
            row.firstP99().add(first.p99());
            String line = String.format(Locale.ROOT, "first 200 after %,.0f ms; cold %s", start, first.text());
            if (!last) {
                return line;
            }
            Wrk.requests(Chapters.CONNECTIONS).run(peer.port(), Machine.LOAD_CORE, effort.warmUp());
            Percentiles warm = requests(peer.port(), PER_SECOND * effort.seconds());
            row.warmP99().add(warm.p99());
            return line + "; warm " + warm.text();
        }
    }

    private static Percentiles requests(int port, int count) {
        try (OpenLoop generator = new OpenLoop(port, Chapters.CONNECTIONS)) {
            return Percentiles.of(generator.run(PER_SECOND, count));
        }
    }

    private static String table(List<Row> all) {
        StringBuilder table = new StringBuilder();
        table.append(String.format(
                Locale.ROOT, "### Start, and the first %,d requests (open loop, %,d/s)%n%n", FIRST, PER_SECOND));
        table.append("| | start to first 200, ms | p99 of the first, µs | p99 when warm, µs | first ÷ warm |\n");
        table.append("|---|---|---|---|---|\n");
        all.forEach(row -> table.append(String.format(
                Locale.ROOT,
                "| %s | %s | %s | %,.0f | %.1f |%n",
                row.name(),
                row.firstAnswer().text("%,.0f"),
                row.firstP99().text("%,.0f"),
                row.warmP99().median(),
                row.firstP99().median() / row.warmP99().median())));
        return table.append('\n').toString();
    }
}
