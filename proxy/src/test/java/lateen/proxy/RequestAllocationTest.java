package lateen.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.netty.util.ResourceLeakDetector;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import lateen.decision.config.ClusterConfig;
import lateen.decision.config.HttpFilter;
import lateen.decision.config.LocalRateLimit;
import lateen.decision.config.LocalRateLimit.Share;
import lateen.decision.config.OutlierDetection;
import lateen.decision.config.OutlierDetection.Consecutive;
import lateen.decision.config.RouteConfig.RetryOn;
import lateen.decision.config.RouteConfig.RetryPolicy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the event loops allocate for a request that nothing stands against. */
class RequestAllocationTest {
    private static final int ROUNDS = 5;
    private static final int REQUESTS = 2000;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final Rig rig = new Rig();

    private final ResourceLeakDetector.Level level = ResourceLeakDetector.getLevel();

    /** It notes each access of a buffer. */
    @BeforeEach
    void withoutLeakDetector() {
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
    }

    @AfterEach
    void close() throws Exception {
        ResourceLeakDetector.setLevel(level);
        rig.close();
    }

    private static RetryPolicy everything() {
        return new RetryPolicy(
                Set.of(RetryOn.values()),
                3,
                Duration.ofSeconds(5),
                Set.of(503),
                true,
                5,
                Duration.ofMillis(25),
                Duration.ofMillis(250));
    }

    private static OutlierDetection everyRule() {
        return new OutlierDetection(
                Duration.ofMillis(200),
                Duration.ofSeconds(30),
                Duration.ofSeconds(300),
                Duration.ofSeconds(1),
                100,
                true,
                true,
                new Consecutive(5, 100),
                new Consecutive(5, 100),
                new Consecutive(5, 100),
                new OutlierDetection.SuccessRate(5, 100, 1900, 100, 100),
                new OutlierDetection.FailurePercentage(85, 5, 50, 100, 100));
    }

    private static ClusterConfig with(ClusterConfig c, OutlierDetection outliers) {
        return Edited.with(c, "panicThreshold", 50.0, "outlierDetection", outliers);
    }

    private static long allocated(Set<Long> loops) {
        return LongStream.of(THREADS.getThreadAllocatedBytes(
                        loops.stream().mapToLong(Long::longValue).toArray()))
                .sum();
    }

    private static Set<Long> threads(String prefix) {
        return Set.copyOf(Arrays.stream(THREADS.getThreadInfo(THREADS.getAllThreadIds()))
                .filter(each -> each != null && each.getThreadName().startsWith(prefix))
                .map(java.lang.management.ThreadInfo::getThreadId)
                .toList());
    }

    /** Bytes for each request, in the best of some rounds. */
    private double bytesEach(ClusterConfig cluster, RetryPolicy retry, HttpFilter... filters) throws Exception {
        Set<Long> others = threads("lateen-worker");
        Proxy proxy = rig.proxy(
                ProxySettings.defaults().withWorkers(1),
                Configs.of(
                        List.of(Configs.listener(
                                "http",
                                Configs.NO_INSPECTORS,
                                Configs.chain(
                                        "c",
                                        null,
                                        Configs.http(
                                                Configs.everythingTo("app", Duration.ofSeconds(15), retry), filters)))),
                        cluster));
        Set<Long> loops = new java.util.HashSet<>(threads("lateen-worker"));
        loops.removeAll(others);
        assertThat(loops).hasSize(1);
        long least = Long.MAX_VALUE;
        try (Wire wire = new Wire(Rig.address(proxy, "http"))) {
            for (int round = 0; round < ROUNDS; round++) {
                long before = allocated(loops);
                for (int i = 0; i < REQUESTS; i++) {
                    assertThat(wire.get("/").charAt(9)).isEqualTo('2');
                }
                least = Math.min(least, allocated(loops) - before);
            }
        }
        return (double) least / REQUESTS;
    }

    @Test
    void retriesOutlierDetectionAndRateLimitAllocateNothingForARequestThatGoesWell() throws Exception {
        byte[] answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes(StandardCharsets.US_ASCII);
        Backend app = rig.with(new Backend((socket, in, out) -> {
            while (!Wire.head(in).isEmpty()) {
                out.write(answer);
            }
        }));
        ClusterConfig cluster = Configs.cluster("app", null, app.port());
        double plain = bytesEach(cluster, null);
        double all = bytesEach(
                with(cluster, everyRule()),
                everything(),
                new HttpFilter.LocalRateLimited(
                        "limit",
                        new LocalRateLimit(
                                "all",
                                new LocalRateLimit.TokenBucket(1_000_000, 1_000_000, Duration.ofSeconds(1)),
                                Share.ALL,
                                Share.ALL,
                                429,
                                List.of(),
                                true,
                                false)));
        System.out.printf("allocated for a request: %.0f bytes plain, %.0f with everything%n", plain, all);
        assertThat(all - plain).isLessThan(24);
    }
}
