package lateen.proxy.outlier;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import lateen.decision.config.OutlierDetection;
import lateen.decision.config.OutlierDetection.Consecutive;
import lateen.decision.config.OutlierDetection.FailurePercentage;
import lateen.decision.config.OutlierDetection.SuccessRate;
import lateen.decision.net.IpAddress;
import lateen.decision.net.SocketAddr;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.statistics.Statistics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Time is a number here. */
class OutlierDetectorTest {
    private static final long MILLI = 1_000_000L;
    private static final SuccessRate NO_RATE = new SuccessRate(5, 100, 1900, 0, 0);
    private static final FailurePercentage NO_SHARE = new FailurePercentage(85, 5, 50, 0, 0);

    /** Writes down what it is told. */
    private static final class Notes implements OutlierObserver {
        final List<String> lines = new ArrayList<>();
        int detected;
        int overflow;
        int active;

        @Override
        public void detected(OutlierKind kind) {
            detected++;
        }

        @Override
        public void ejected(SocketAddr host, OutlierKind kind, Duration atLeast, int nowActive, int hosts) {
            active = nowActive;
            lines.add("out " + host.port() + " " + kind.text() + " " + atLeast.toMillis());
        }

        @Override
        public void overflow() {
            overflow++;
        }

        @Override
        public void returned(SocketAddr host, Duration after, int nowActive, int hosts) {
            active = nowActive;
            lines.add("in " + host.port() + " " + after.toMillis());
        }

        @Override
        public void active(int nowActive) {
            active = nowActive;
        }
    }

    private final Notes notes = new Notes();

    private static List<SocketAddr> hosts(int count) {
        return IntStream.range(0, count).mapToObj(OutlierDetectorTest::host).toList();
    }

    private static SocketAddr host(int i) {
        return new SocketAddr(IpAddress.parse("10.0.0.1"), 1000 + i);
    }

    private static OutlierDetection rules(int percent, Consecutive errors, Consecutive gateway) {
        return new OutlierDetection(
                Duration.ofMillis(1000),
                Duration.ofMillis(2000),
                Duration.ofMillis(7000),
                Duration.ZERO,
                percent,
                false,
                false,
                errors,
                gateway,
                new Consecutive(5, 100),
                NO_RATE,
                NO_SHARE);
    }

    private OutlierDetector detector(OutlierDetection rules, int hosts) {
        return OutlierDetector.of(rules, hosts(hosts), null, notes, new Random(1));
    }

    private static void answers(OutlierDetector detector, int host, int status, int times, long millis) {
        for (int i = 0; i < times; i++) {
            detector.answered(detector.monitor(host(host)), status, millis * MILLI);
        }
    }

    @Test
    void aHostThatFailsInARowIsOutForTheBaseTimeAndThenLongerEachTime() {
        OutlierDetector detector = detector(rules(100, new Consecutive(3, 100), new Consecutive(5, 0)), 2);
        detector.tick(0);
        int epoch = detector.epoch();
        for (int round = 0; round < 5; round++) {
            answers(detector, 0, 503, 3, 20_000L * round);
            for (int ms = 1000; ms <= 20_000; ms += 1000) {
                detector.tick((20_000L * round + ms) * MILLI);
                if (!detector.monitor(host(0)).ejected()) {
                    // Not so long that it counts as good again.
                    break;
                }
            }
        }
        assertThat(notes.lines)
                .containsExactly(
                        "out 1000 consecutive_5xx 2000",
                        "in 1000 2000",
                        "out 1000 consecutive_5xx 4000",
                        "in 1000 4000",
                        "out 1000 consecutive_5xx 6000",
                        "in 1000 6000",
                        "out 1000 consecutive_5xx 7000",
                        "in 1000 7000",
                        "out 1000 consecutive_5xx 7000",
                        "in 1000 7000");
        assertThat(detector.epoch()).isEqualTo(epoch + 10);
        assertThat(notes.active).isZero();
    }

    @Test
    void eachIntervalInMakesUpForOneEjection() {
        OutlierDetector detector = detector(rules(100, new Consecutive(1, 100), new Consecutive(5, 0)), 2);
        detector.tick(0);
        answers(detector, 0, 500, 1, 0);
        detector.tick(2000 * MILLI);
        detector.tick(3000 * MILLI);
        answers(detector, 0, 500, 1, 3000);
        assertThat(notes.lines.getLast()).isEqualTo("out 1000 consecutive_5xx 2000");
    }

    @ParameterizedTest
    @CsvSource({
        // consecutive 5xx, enforced; gateway failures, enforced; answers; what is found
        "3,100,5,0,   500 500 500,            consecutive_5xx",
        "3,100,5,0,   500 500 200 500,        ''",
        "3,0,5,0,     500 500 500,            ''",
        "0,100,5,0,   500 500 500 500 500,    ''",
        "5,100,2,100, 502 504,                consecutive_gateway_failure",
        "5,100,2,100, 502 500 504,            ''",
        "5,100,2,100, 404 429 404,            ''",
        "5,100,2,0,   502 503 504 502,        ''",
        "2,100,2,100, 503 503,                consecutive_gateway_failure",
    })
    void answersInARowAreCountedAsEnvoyCountsThem(
            int errors, int enforced, int gateway, int gatewayEnforced, String answers, String kind) {
        OutlierDetector detector =
                detector(rules(100, new Consecutive(errors, enforced), new Consecutive(gateway, gatewayEnforced)), 2);
        for (String each : answers.split(" ")) {
            answers(detector, 0, Integer.parseInt(each), 1, 0);
        }
        assertThat(notes.lines.stream().map(line -> line.split(" ")[2]).toList())
                .isEqualTo(kind.isEmpty() ? List.of() : List.of(kind));
    }

    @ParameterizedTest
    @CsvSource({"2,10,false,0", "2,49,false,0", "2,50,false,1", "10,10,false,1", "3,100,false,3", "2,0,true,1"})
    void noMoreThanThePercentageGoes(int hosts, int percent, boolean always, int out) {
        OutlierDetection plain = rules(percent, new Consecutive(1, 100), new Consecutive(5, 0));
        OutlierDetector detector = detector(
                new OutlierDetection(
                        plain.interval(),
                        plain.baseEjectionTime(),
                        plain.maxEjectionTime(),
                        Duration.ZERO,
                        percent,
                        always,
                        false,
                        plain.serverErrors(),
                        plain.gatewayErrors(),
                        plain.localErrors(),
                        NO_RATE,
                        NO_SHARE),
                hosts);
        for (int i = 0; i < hosts; i++) {
            answers(detector, i, 500, 1, 0);
        }
        assertThat(notes.active).isEqualTo(out);
        assertThat(notes.detected).isEqualTo(hosts);
        assertThat(notes.overflow).isEqualTo(hosts - out);
    }

    @Test
    void requestsWithoutAnAnswerCountApartWhenAsked() {
        OutlierDetection plain = rules(100, new Consecutive(2, 100), new Consecutive(5, 0));
        OutlierDetection split = new OutlierDetection(
                plain.interval(),
                plain.baseEjectionTime(),
                plain.maxEjectionTime(),
                Duration.ZERO,
                100,
                false,
                true,
                plain.serverErrors(),
                plain.gatewayErrors(),
                new Consecutive(3, 100),
                NO_RATE,
                NO_SHARE);
        OutlierDetector detector = detector(split, 2);
        HostMonitor host = detector.monitor(host(0));
        detector.failed(host, 0);
        answers(detector, 0, 500, 1, 0);
        detector.timedOut(host, 0);
        assertThat(notes.lines).isEmpty();
        detector.connected(host);
        detector.failed(host, 0);
        detector.failed(host, 0);
        assertThat(notes.lines).isEmpty();
        detector.failed(host, 0);
        assertThat(notes.lines).containsExactly("out 1000 consecutive_local_origin_failure 2000");
    }

    @Test
    void withoutThatTheyCountAsGatewayFailuresAndATcpConnectionAsSuccess() {
        OutlierDetector detector = detector(rules(100, new Consecutive(3, 100), new Consecutive(5, 0)), 2);
        HostMonitor host = detector.monitor(host(1));
        detector.failed(host, 0);
        detector.timedOut(host, 0);
        detector.connected(host);
        detector.connectedOnly(host, 0);
        detector.failed(host, 0);
        detector.timedOut(host, 0);
        assertThat(notes.lines).isEmpty();
        detector.failed(host, 0);
        assertThat(notes.lines).containsExactly("out 1001 consecutive_5xx 2000");
    }

    private OutlierDetector rated(SuccessRate rate, FailurePercentage share) {
        OutlierDetection plain = rules(100, new Consecutive(0, 0), new Consecutive(0, 0));
        return detector(
                new OutlierDetection(
                        plain.interval(),
                        plain.baseEjectionTime(),
                        plain.maxEjectionTime(),
                        Duration.ZERO,
                        100,
                        false,
                        false,
                        plain.serverErrors(),
                        plain.gatewayErrors(),
                        plain.localErrors(),
                        rate,
                        share),
                5);
    }

    @Test
    void aHostFarBelowTheOthersIsOut() {
        OutlierDetector detector = rated(new SuccessRate(5, 100, 1900, 100, 0), NO_SHARE);
        detector.tick(0);
        for (int i = 0; i < 5; i++) {
            answers(detector, i, 200, i == 3 ? 60 : 100, 0);
            answers(detector, i, 500, i == 3 ? 40 : 0, 0);
        }
        detector.tick(1000 * MILLI);
        // Mean 92, deviation 16, so below 61.6.
        assertThat(notes.lines).containsExactly("out 1003 success_rate 2000");
        assertThat(detector.monitor(host(3)).successRate()).isEqualTo(60);
        detector.tick(2000 * MILLI);
        assertThat(detector.monitor(host(3)).successRate()).isEqualTo(-1);
    }

    @Test
    void aHostThatFailsTooOftenIsOutWhereEnoughHaveTheVolume() {
        OutlierDetector detector = rated(NO_RATE, new FailurePercentage(50, 2, 10, 100, 0));
        detector.tick(0);
        answers(detector, 0, 500, 20, 0);
        detector.tick(1000 * MILLI);
        assertThat(notes.lines).isEmpty();
        answers(detector, 0, 500, 5, 0);
        answers(detector, 0, 200, 5, 0);
        answers(detector, 1, 200, 10, 0);
        detector.tick(2000 * MILLI);
        assertThat(notes.lines).containsExactly("out 1000 failure_percentage 2000");
    }

    @Test
    void aHostThatStaysKeepsItsStateAndOneThatGoesIsNotCounted() {
        OutlierDetection rules = rules(100, new Consecutive(2, 100), new Consecutive(5, 0));
        OutlierDetector before = detector(rules, 3);
        before.tick(0);
        answers(before, 0, 500, 2, 0);
        answers(before, 1, 500, 2, 0);
        answers(before, 2, 500, 1, 0);
        OutlierDetector after =
                OutlierDetector.of(rules, List.of(host(1), host(2), host(7)), before, notes, new Random(1));
        after.tick(100 * MILLI);
        assertThat(after.monitor(host(1)).ejected()).isTrue();
        assertThat(notes.active).isEqualTo(1);
        answers(after, 2, 500, 1, 100);
        after.tick(2000 * MILLI);
        assertThat(notes.lines).endsWith("out 1002 consecutive_5xx 2000", "in 1001 2000");
    }

    /** What is told to the detector: an answer of a host, or time passing. */
    private record Event(int host, int status, int millis) {}

    @Provide
    Arbitrary<List<Event>> events() {
        Arbitrary<Event> answer = Combinators.combine(
                        Arbitraries.integers().between(0, 3), Arbitraries.of(200, 500, 503, 503))
                .as((host, status) -> new Event(host, status, 0));
        Arbitrary<Event> time = Arbitraries.integers().between(1, 1500).map(millis -> new Event(0, 0, millis));
        return Arbitraries.frequencyOf(net.jqwik.api.Tuple.of(6, answer), net.jqwik.api.Tuple.of(1, time))
                .list()
                .ofMaxSize(300);
    }

    /** The rules as Envoy's documentation has them, host by host. */
    private static final class Plain {
        final Map<Integer, int[]> runs = new HashMap<>();
        final Map<Integer, Long> outSince = new HashMap<>();
        final Map<Integer, Integer> ejections = new HashMap<>();
        final List<String> lines = new ArrayList<>();
        final int threshold;
        final int percent;
        final int hosts;
        long swept;

        Plain(int threshold, int percent, int hosts) {
            this.threshold = threshold;
            this.percent = percent;
            this.hosts = hosts;
        }

        void answer(int host, int status, long now) {
            int[] run = runs.computeIfAbsent(host, h -> new int[1]);
            run[0] = status >= 500 ? run[0] + 1 : 0;
            if (run[0] == threshold) {
                run[0] = 0;
                boolean room = (outSince.size() + 1) * 100 <= percent * hosts;
                if (!outSince.containsKey(host) && room) {
                    int times = ejections.getOrDefault(host, 0);
                    // One more than fills the longest time is as many as count.
                    ejections.put(host, times * 2000 < 7000 + 2000 ? times + 1 : times);
                    outSince.put(host, now);
                    lines.add("out " + (1000 + host) + " consecutive_5xx " + time(host));
                }
            }
        }

        private long time(int host) {
            return Math.min(7000, 2000L * ejections.get(host));
        }

        void tick(long now) {
            if (now - swept < 1000) {
                return;
            }
            swept = now;
            for (int host = 0; host < hosts; host++) {
                Long since = outSince.get(host);
                if (since == null) {
                    ejections.computeIfPresent(host, (h, times) -> Math.max(0, times - 1));
                } else if (now - since >= time(host)) {
                    outSince.remove(host);
                    runs.remove(host);
                    lines.add("in " + (1000 + host) + " " + (now - since));
                }
            }
        }
    }

    @Property(tries = 1000)
    void itDoesWhatThePlainReadingOfTheRulesDoes(
            @ForAll("events") List<Event> events,
            @ForAll @net.jqwik.api.constraints.IntRange(min = 1, max = 4) int threshold,
            @ForAll @net.jqwik.api.constraints.IntRange(min = 0, max = 100) int percent) {
        Notes seen = new Notes();
        OutlierDetector detector = OutlierDetector.of(
                rules(percent, new Consecutive(threshold, 100), new Consecutive(9, 0)),
                hosts(4),
                null,
                seen,
                new Random(1));
        Plain plain = new Plain(threshold, percent, 4);
        long now = 0;
        detector.tick(0);
        for (Event each : events) {
            if (each.millis() > 0) {
                now += each.millis();
                detector.tick(now * MILLI);
                plain.tick(now);
            } else {
                detector.answered(detector.monitor(host(each.host())), each.status(), now * MILLI);
                plain.answer(each.host(), each.status(), now);
            }
            assertThat(seen.lines).isEqualTo(plain.lines);
            assertThat(hosts(4).stream()
                            .filter(host -> detector.monitor(host).ejected())
                            .map(host -> host.port() - 1000)
                            .sorted(Comparator.naturalOrder())
                            .toList())
                    .isEqualTo(plain.outSince.keySet().stream().sorted().toList());
        }
        Statistics.collect(plain.lines.isEmpty() ? "nothing" : plain.lines.size() > 3 ? "much" : "something");
    }
}
