package lateen.proxy.outlier;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import lateen.decision.net.SocketAddr;

/**
 * What is remembered of one address of a cluster, over updates of it. Counters may be touched by every loop; what is
 * written at an ejection is guarded by the detector's lock.
 */
public final class HostMonitor {
    /** A rate of which nothing is known. As Envoy shows it. */
    static final double UNKNOWN = -1;

    final SocketAddr address;
    final Run serverErrors = new Run();
    final Run gatewayErrors = new Run();
    final Run localErrors = new Run();
    final Rate answers = new Rate();
    final Rate local = new Rate();
    private volatile boolean ejected;
    /** As {@link System#nanoTime}. */
    long ejectedAt;

    long jitterNanos;
    /** How often it was ejected, less the intervals since that it was in. */
    int ejections;

    HostMonitor(SocketAddr address) {
        this.address = address;
    }

    /** Whether it is left out. Envoy: {@code failed_outlier_check}. */
    public boolean ejected() {
        return ejected;
    }

    void ejected(boolean now) {
        ejected = now;
    }

    /** Percentage of success in the last interval with enough requests; -1: there was none. */
    public double successRate() {
        return answers.last;
    }

    /** As {@link #successRate}, of requests that had an answer against those without. */
    public double localSuccessRate() {
        return local.last;
    }

    void forgetFailures() {
        serverErrors.end();
        gatewayErrors.end();
        localErrors.end();
    }

    /** Failures one after the other. */
    static final class Run {
        private final AtomicInteger length = new AtomicInteger();

        /** How many there are now. */
        int add() {
            return length.incrementAndGet();
        }

        /** The usual case only reads. */
        void end() {
            if (length.get() != 0) {
                length.set(0);
            }
        }
    }

    /** Successes among all, in the present interval. */
    static final class Rate {
        private final LongAdder good = new LongAdder();
        private final LongAdder all = new LongAdder();
        volatile double last = UNKNOWN;

        void add(boolean success) {
            if (success) {
                good.increment();
            }
            all.increment();
        }

        /** Those of the interval that ends now. */
        Window take() {
            // Counted between the two reads, a request would make more successes than requests.
            long successes = good.sumThenReset();
            return new Window(successes, Math.max(successes, all.sumThenReset()));
        }
    }

    record Window(long good, long all) {
        double percent() {
            return 100.0 * good / all;
        }
    }
}
