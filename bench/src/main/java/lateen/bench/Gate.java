package lateen.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * What no change may lose, in short rounds: CPU time a request and memory beside Envoy's in the same run.
 *
 * <p>CPU time and not throughput, medians of interleaved rounds, and more rounds before a verdict of guilty, because the machine
 * may be doing other things as well.
 */
final class Gate {

    /** Lateen's CPU time a request ÷ Envoy's. */
    static final double CPU_LIMIT = 0.65;
    /** Lateen's resident memory (Rss, all processes of the contestant together, under load) ÷ Envoy's. */
    static final double MEMORY_LIMIT = 1.6;

    private static final int WARM_UP_SECONDS = 8;
    private static final int SECONDS = 3;
    private static final int ROUNDS = 4;
    private static final int MORE_ROUNDS = 8;

    private final Map<String, Function<Integer, Rounds>> chapters = new LinkedHashMap<>();
    private final Contestants contestants;

    Gate(Machine machine) {
        contestants = new Contestants(machine);
        Load load = Wrk.requests(Chapters.CONNECTIONS);
        chapters.put("router only", backend -> new Rounds(contestants.routers(backend), load));
        chapters.put("mesh chain", backend -> new Rounds(contestants.chains(backend), load));
    }

    /** @return what is over its limit; empty when the gate is open */
    List<String> run() {
        List<String> violations = new ArrayList<>();
        chapters.forEach((name, starter) -> {
            System.out.println("bench: gate, " + name);
            try (Peer backend = contestants.nginx(Machine.freePort());
                    Rounds rounds = starter.apply(backend.port())) {
                rounds.warmUp(WARM_UP_SECONDS);
                List<String> found = judge(name, rounds.run(ROUNDS, SECONDS));
                if (!found.isEmpty()) {
                    System.out.println("bench:   " + found + ": once more, with more rounds");
                    found = judge(name, rounds.run(MORE_ROUNDS, SECONDS));
                }
                violations.addAll(found);
            }
        });
        return violations;
    }

    private static List<String> judge(String chapter, List<Rounds.Result> results) {
        Rounds.Result ours = results.getFirst();
        Rounds.Result envoy = results.getLast();
        return judge(
                chapter,
                ours.cpu().median() / envoy.cpu().median(),
                ours.loaded().resident() / envoy.loaded().resident());
    }

    /** The verdict on two ratios to Envoy. */
    static List<String> judge(String chapter, double cpu, double memory) {
        List<String> violations = new ArrayList<>();
        String format = "%s: %s ÷ Envoy's is %.2f (expected: at most %.2f)";
        if (!(cpu <= CPU_LIMIT)) {
            violations.add(String.format(Locale.ROOT, format, chapter, "CPU time a request", cpu, CPU_LIMIT));
        }
        if (!(memory <= MEMORY_LIMIT)) {
            violations.add(String.format(Locale.ROOT, format, chapter, "resident memory", memory, MEMORY_LIMIT));
        }
        System.out.printf(
                Locale.ROOT, "bench:   %s: %.2f of Envoy's CPU time, %.2f of its memory%n", chapter, cpu, memory);
        return violations;
    }
}
