package lateen.proxy.stats;

import java.util.Arrays;
import lateen.proxy.accesslog.ResponseFlag;

/**
 * Istio's metrics of the requests under one set of {@link MeshLabels}. Any thread; an outcome seen before (code, flags,
 * protocol, gRPC status) allocates nothing.
 */
public final class RequestMetrics {

    /** No gRPC status: the request was not gRPC, or ended without one. */
    public static final int NO_GRPC_STATUS = -1;

    private record Outcome(
            int code,
            long flags,
            boolean grpc,
            int grpcStatus,
            Counter requests,
            Histogram duration,
            Histogram requestBytes,
            Histogram responseBytes) {
        boolean is(int code, long flags, boolean grpc, int grpcStatus) {
            return this.code == code && this.flags == flags && this.grpc == grpc && this.grpcStatus == grpcStatus;
        }
    }

    private final MeshMetrics metrics;
    private final MeshLabels labels;
    /** Replaced as a whole, and only under the lock. */
    private volatile Outcome[] outcomes = new Outcome[0];

    RequestMetrics(MeshMetrics metrics, MeshLabels labels) {
        this.metrics = metrics;
        this.labels = labels;
    }

    /**
     * Counts a request that ended.
     *
     * @param responseCode 0: none was sent
     * @param flags bits of {@link ResponseFlag}
     * @param grpcStatus 0 to 16, or {@link #NO_GRPC_STATUS}
     * @param requestBytes of the body
     * @param responseBytes of the body
     */
    public void record(
            int responseCode,
            long flags,
            boolean grpc,
            int grpcStatus,
            long durationNanos,
            long requestBytes,
            long responseBytes) {
        Outcome found = find(responseCode, flags, grpc, grpcStatus);
        found.requests().increment();
        found.duration().record(durationNanos / 1_000_000);
        found.requestBytes().record(requestBytes);
        found.responseBytes().record(responseBytes);
    }

    private Outcome find(int code, long flags, boolean grpc, int grpcStatus) {
        for (Outcome outcome : outcomes) {
            if (outcome.is(code, flags, grpc, grpcStatus)) {
                return outcome;
            }
        }
        return make(code, flags, grpc, grpcStatus);
    }

    private synchronized Outcome make(int code, long flags, boolean grpc, int grpcStatus) {
        for (Outcome outcome : outcomes) {
            if (outcome.is(code, flags, grpc, grpcStatus)) {
                return outcome;
            }
        }
        Outcome made = metrics.outcome(
                labels,
                grpc ? "grpc" : "http",
                ResponseFlag.text(flags),
                Integer.toString(code),
                grpcStatus == NO_GRPC_STATUS ? "" : Integer.toString(grpcStatus),
                (requests, duration, requestBytes, responseBytes) ->
                        new Outcome(code, flags, grpc, grpcStatus, requests, duration, requestBytes, responseBytes));
        Outcome[] more = Arrays.copyOf(outcomes, outcomes.length + 1);
        more[outcomes.length] = made;
        outcomes = more;
        return made;
    }
}
