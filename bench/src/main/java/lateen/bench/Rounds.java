package lateen.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Contestants that run side by side, and interleaved rounds of load on them: A B B A, so that a machine that drifts hits all
 * alike.
 */
final class Rounds implements AutoCloseable {

    /** Allocators and JITs give back what starting took. */
    private static final long SETTLING_MILLIS = 5_000;

    /**
     * What the rounds showed of one contestant.
     *
     * @param cpu microseconds a unit, one figure a round
     * @param rate units a second, one figure a round
     * @param memory one sample a round, taken when all had their turn
     */
    record Result(String name, Series cpu, Series rate, List<Memory> memory) {
        Memory loaded() {
            return Memory.median(memory);
        }
    }

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

    /** Each contestant's memory when it has answered one request and been left alone since. */
    Map<String, Memory> idle() throws InterruptedException {
        Thread.sleep(SETTLING_MILLIS);
        Map<String, Memory> idle = new LinkedHashMap<>();
        peers.forEach(peer -> idle.put(peer.name(), peer.memory()));
        return idle;
    }

    void warmUp(int seconds) {
        for (Peer peer : peers) {
            System.out.println("bench:   warming up " + peer.name() + " for " + seconds + " s");
            load.run(peer.port(), Machine.LOAD_CORE, seconds);
        }
    }

    /** The contestants in the order that they were given in. */
    List<Result> run(int rounds, int seconds) {
        List<Result> results = peers.stream()
                .map(peer -> new Result(peer.name(), new Series(), new Series(), new ArrayList<>()))
                .toList();
        for (int round = 0; round < rounds; round++) {
            for (int turn = 0; turn < peers.size(); turn++) {
                int who = round % 2 == 0 ? turn : peers.size() - 1 - turn;
                say("round " + (round + 1) + "/" + rounds, one(peers.get(who), results.get(who), seconds));
            }
            for (int who = 0; who < peers.size(); who++) {
                results.get(who).memory().add(peers.get(who).memory());
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
