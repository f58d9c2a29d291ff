package lateen.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Contestants that run side by side, and interleaved rounds of load on them: A B B A, so that a machine that drifts hits all
 * alike.
 */
final class Rounds implements AutoCloseable {

    /** Allocators and JITs give back what starting, or the load, took; Lateen does so every few seconds. */
    private static final long SETTLING_MILLIS = 12_000;

    /**
     * What the rounds showed of one contestant.
     *
     * @param cpu microseconds a unit, one figure a round
     * @param rate units a second, one figure a round
     */
    record Result(String name, Series cpu, Series rate) {}

    private final List<Peer> peers = new ArrayList<>();
    private final Load load;
    private final StringBuilder raw = new StringBuilder();

    Rounds(Map<String, Supplier<Peer>> starters, Load load) {
        this.load = load;
        try {
            starters.values().forEach(starter -> peers.add(starter.get()));
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Each contestant's memory, in their order, when all have been left alone for a while. */
    List<Memory> settled() {
        try {
            Thread.sleep(SETTLING_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
        return peers.stream().map(Peer::memory).toList();
    }

    /** @param first seconds of load on the first contestant, which has a JIT; the others have {@code others} */
    void warmUp(int first, int others) {
        for (int i = 0; i < peers.size(); i++) {
            int seconds = i == 0 ? first : others;
            System.out.println("bench:   warming up " + peers.get(i).name() + " for " + seconds + " s");
            load.run(peers.get(i).port(), Machine.LOAD_CORE, seconds);
        }
    }

    /** The contestants in the order that they were given in. */
    List<Result> run(int rounds, int seconds) {
        List<Result> results = peers.stream()
                .map(peer -> new Result(peer.name(), new Series(), new Series()))
                .toList();
        for (int round = 0; round < rounds; round++) {
            for (int turn = 0; turn < peers.size(); turn++) {
                int who = round % 2 == 0 ? turn : peers.size() - 1 - turn;
                say("round " + (round + 1) + "/" + rounds, one(peers.get(who), results.get(who), seconds));
            }
        }
        return results;
    }

    private String one(Peer peer, Result result, int seconds) {
        long before = peer.cpuMicros();
        Load.Outcome run = load.run(peer.port(), Machine.LOAD_CORE, seconds);
        long micros = peer.cpuMicros() - before;
        result.cpu().add(micros / run.units());
        result.rate().add(run.perSecond());
        raw.append(run.raw());
        return String.format(
                Locale.ROOT,
                "%-13s %8.2f s of CPU, %,12.1f units, %,10.1f µs each, %,10.1f/s",
                peer.name(),
                micros / 1e6,
                run.units(),
                micros / run.units(),
                run.perSecond());
    }

    private void say(String round, String line) {
        System.out.println("bench:   " + round + "  " + line);
        raw.append("# ").append(round).append("  ").append(line).append("\n\n");
    }

    /** Every command of the rounds and what it printed. */
    String raw() {
        return raw.toString();
    }

    @Override
    public void close() {
        peers.forEach(Peer::close);
    }
}
