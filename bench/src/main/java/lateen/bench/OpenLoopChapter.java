package lateen.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * What a proxy adds to the latency of the direct path, in an open loop at half of the rate that Envoy is able to do.
 *
 * @param starters the first is ours, the second Envoy
 * @param backend the port of the direct path
 */
record OpenLoopChapter(Map<String, Supplier<Peer>> starters, int backend, Effort effort) {

    /** How long Envoy shows what it can do. */
    private static final int MAXIMUM_SECONDS = 5;

    /** One way to the backend and what its rounds showed. */
    private record Way(String name, int port, List<Percentiles> rounds) {
        Series series(ToDoubleFunction<Percentiles> figure) {
            return Series.of(rounds, figure);
        }
    }

    Report run() {
        System.out.println("bench: added latency, open loop");
        List<Peer> peers = new ArrayList<>();
        try {
            starters.values().forEach(starter -> peers.add(starter.get()));
            List<Way> ways = new ArrayList<>(List.of(new Way("direct", backend, new ArrayList<>())));
            peers.forEach(peer -> ways.add(new Way(peer.name(), peer.port(), new ArrayList<>())));
            Load load = Wrk.requests(Chapters.CONNECTIONS);
            for (Way way : ways) {
                load.run(way.port(), Machine.LOAD_CORE, effort.warmUp());
            }
            Load.Outcome maximum = load.run(peers.getLast().port(), Machine.LOAD_CORE, MAXIMUM_SECONDS);
            double rate = Math.floor(maximum.perSecond() / 2);
            String raw = maximum.raw() + rounds(ways, rate);
            return new Report(table(ways, rate), raw);
        } finally {
            peers.forEach(Peer::close);
        }
    }

    private String rounds(List<Way> ways, double rate) {
        StringBuilder raw = new StringBuilder();
        // The generator's own code is compiled before its figures count.
        one(ways.getFirst().port(), rate);
        for (int round = 0; round < effort.rounds(); round++) {
            for (Way way : round % 2 == 0 ? ways : ways.reversed()) {
                Percentiles figures = one(way.port(), rate);
                way.rounds().add(figures);
                String line = String.format(
                        Locale.ROOT,
                        "round %d/%d  %-8s %,.0f requests/s for %d s: %s",
                        round + 1,
                        effort.rounds(),
                        way.name(),
                        rate,
                        effort.seconds(),
                        figures.text());
                System.out.println("bench:   " + line);
                raw.append("# ").append(line).append('\n');
            }
        }
        return raw.toString();
    }

    private Percentiles one(int port, double rate) {
        try (OpenLoop generator = new OpenLoop(port, Chapters.CONNECTIONS)) {
            return Percentiles.of(generator.run(rate, (int) (rate * effort.seconds())));
        }
    }

    private String table(List<Way> ways, double rate) {
        StringBuilder table = new StringBuilder();
        table.append(String.format(
                Locale.ROOT,
                "### Latency added to the direct path, open loop, %,.0f requests/s (half of Envoy's maximum)%n%n",
                rate));
        table.append("| | p50 µs | Lateen ÷ it | p99 µs | Lateen ÷ it | p99.9 µs | Lateen ÷ it |\n");
        table.append("|---|---|---|---|---|---|---|\n");
        Way direct = ways.getFirst();
        Way ours = ways.get(1);
        for (Way way : ways) {
            boolean itself = way.name().equals(direct.name());
            table.append("| ").append(itself ? "the direct path itself" : way.name());
            for (ToDoubleFunction<Percentiles> figure :
                    List.<ToDoubleFunction<Percentiles>>of(Percentiles::p50, Percentiles::p99, Percentiles::p999)) {
                Function<Way, Series> added = one -> one.series(figure).minus(direct.series(figure));
                Series shown = itself ? direct.series(figure) : added.apply(way);
                table.append(" | ").append(shown.text("%,.0f"));
                // Pair by pair a difference of two tails may be close to nothing: the medians are compared.
                table.append(" | ")
                        .append(
                                itself
                                        ? "–"
                                        : String.format(
                                                Locale.ROOT,
                                                "%.2f",
                                                added.apply(ours).median() / shown.median()));
            }
            table.append(" |\n");
        }
        return table.append('\n').toString();
    }
}
