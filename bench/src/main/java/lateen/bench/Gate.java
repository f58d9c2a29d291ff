package lateen.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What no change may lose, in short rounds: CPU time a request and memory beside Envoy's in the same run.
 *
 * <p>CPU time and not throughput, medians of interleaved rounds, and more rounds before a verdict of guilty, because the machine
 * may be doing other things as well.
 */
final class Gate {

    /** Lateen's CPU time a request ÷ Envoy's. */
    static final double CPU_LIMIT = 0.65;
    /** Lateen's resident memory (Rss, all processes of the contestant together, some seconds after load) ÷ Envoy's. */
    static final double MEMORY_LIMIT = 1.6;

    /** Of each of Lateen's processes: they share one core, and their JITs are what takes the time. */
    private static final int WARM_UP_SECONDS = 10;

    private static final int ENVOY_WARM_UP_SECONDS = 2;
    private static final int SECONDS = 3;
    private static final int ROUNDS = 4;
    private static final int MORE_ROUNDS = 8;

    private final Contestants contestants;

    Gate(Machine machine) {
        contestants = new Contestants(machine);
    }

    /** @return what is over its limit; empty when the gate is open */
    List<String> run() {
        try (Peer backend = contestants.nginx(Machine.freePort())) {
            List<String> violations = new ArrayList<>();
            violations.addAll(chapter("router only", contestants.routers(backend.port()), WARM_UP_SECONDS));
            violations.addAll(chapter("mesh chain", contestants.chains(backend.port()), 2 * WARM_UP_SECONDS));
            return violations;
        }
    }

    private static List<String> chapter(String name, Map<String, Supplier<Peer>> starters, int warmUp) {
        System.out.println("bench: gate, " + name);
        try (Rounds rounds = new Rounds(starters, Wrk.requests(Chapters.CONNECTIONS))) {
            rounds.warmUp(warmUp, ENVOY_WARM_UP_SECONDS);
            List<String> found = judge(name, rounds, ROUNDS);
            if (found.isEmpty()) {
                return found;
            }
            System.out.println("bench:   " + found + ": once more, with more rounds");
            return judge(name, rounds, MORE_ROUNDS);
        }
    }

    private static List<String> judge(String chapter, Rounds rounds, int count) {
        List<Rounds.Result> results = rounds.run(count, SECONDS);
        List<Memory> memory = rounds.settled();
        return judge(
                chapter,
                results.getFirst().cpu().median() / results.getLast().cpu().median(),
                memory.getFirst().resident() / memory.getLast().resident());
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
