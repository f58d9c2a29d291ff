package lateen.services.authz;

import java.util.concurrent.atomic.LongAdder;

/** What was decided since the start, in Prometheus' text format. Any thread. */
final class AuthzMetrics {
    /** Upper bounds in milliseconds. */
    private static final long[] BOUNDS = {1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000};

    private final LongAdder allowed = new LongAdder();
    private final LongAdder denied = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder[] buckets = new LongAdder[BOUNDS.length + 1];
    private final LongAdder nanosTotal = new LongAdder();

    AuthzMetrics() {
        for (int i = 0; i < buckets.length; i++) {
            buckets[i] = new LongAdder();
        }
    }

    void record(Verdict verdict, long nanos) {
        switch (verdict) {
            case Verdict.Allowed() -> allowed.increment();
            case Verdict.Denied _ -> denied.increment();
            case Verdict.Failed _ -> failed.increment();
        }
        int i = 0;
        while (i < BOUNDS.length && nanos > BOUNDS[i] * 1_000_000) {
            i++;
        }
        buckets[i].increment();
        nanosTotal.add(nanos);
    }

    String render() {
        StringBuilder out = new StringBuilder();
        out.append("# HELP lateen_authz_decisions_total Checks answered; failed ones were refused.\n");
        out.append("# TYPE lateen_authz_decisions_total counter\n");
        count(out, "allowed", allowed);
        count(out, "denied", denied);
        count(out, "failed", failed);
        out.append("# HELP lateen_authz_duration_milliseconds Time to answer a check.\n");
        out.append("# TYPE lateen_authz_duration_milliseconds histogram\n");
        long sum = 0;
        for (int i = 0; i < buckets.length; i++) {
            sum += buckets[i].sum();
            out.append("lateen_authz_duration_milliseconds_bucket{le=\"")
                    .append(i < BOUNDS.length ? Long.toString(BOUNDS[i]) : "+Inf")
                    .append("\"} ")
                    .append(sum)
                    .append('\n');
        }
        out.append("lateen_authz_duration_milliseconds_sum ")
                .append(nanosTotal.sum() / 1e6)
                .append('\n');
        out.append("lateen_authz_duration_milliseconds_count ").append(sum).append('\n');
        return out.toString();
    }

    private static void count(StringBuilder out, String result, LongAdder count) {
        out.append("lateen_authz_decisions_total{result=\"")
                .append(result)
                .append("\"} ")
                .append(count.sum())
                .append('\n');
    }
}
