package lateen.proxy.http;

import lateen.decision.request.ByteSlice;
import lateen.proxy.accesslog.AccessLog;
import lateen.proxy.accesslog.LogEntry;
import lateen.proxy.cluster.Cluster;
import lateen.proxy.connection.Downstream;
import lateen.proxy.http1.HeaderLines;
import lateen.proxy.http1.RequestHead;
import lateen.proxy.http1.RequestHeadView;
import lateen.proxy.loop.Worker;
import lateen.proxy.pool.Dialled;
import lateen.proxy.pool.HostStream;
import lateen.proxy.program.Live;
import lateen.proxy.program.Program;
import lateen.proxy.program.Telemetry;
import lateen.proxy.stats.RequestMetrics;
import org.jspecify.annotations.Nullable;

/**
 * What is told about an exchange: its access-log entry, filled on the way, and its metrics. One for each downstream
 * connection, used again. Owned by the connection's loop.
 */
final class ExchangeAccount {
    private final Live live;
    private final Worker worker;
    private final Downstream connection;
    private final RequestHeadView view;
    private final boolean atDestination;
    /** The present request's; another object, empty, after each one that was written. Null: let go while idle. */
    private @Nullable LogEntry entry;
    /** At the destination, for {@link #metricsOf}; those of the source are kept with the upstream connection. */
    private @Nullable RequestMetrics metrics;

    private @Nullable Cluster metricsOf;
    /** Of the present request. */
    private boolean grpc;

    private int grpcStatus = RequestMetrics.NO_GRPC_STATUS;
    private final ByteSlice slice = new ByteSlice();

    ExchangeAccount(Live live, Worker worker, Downstream connection, RequestHeadView view, boolean atDestination) {
        this.live = live;
        this.worker = worker;
        this.connection = connection;
        this.view = view;
        this.atDestination = atDestination;
    }

    /** @param now {@link System#nanoTime} of the request's first byte */
    void begin(long now) {
        grpc = false;
        grpcStatus = RequestMetrics.NO_GRPC_STATUS;
        entry().begin(connection, now, worker.epochMicros(now));
    }

    LogEntry entry() {
        LogEntry present = entry;
        if (present == null) {
            present = new LogEntry().clear();
            entry = present;
        }
        return present;
    }

    /** The request's head is there. */
    void request(RequestHead head) {
        grpc = Grpc.isRequest(head, slice);
    }

    boolean grpc() {
        return grpc;
    }

    /**
     * What a host's answer says of the host, as a status of HTTP; 0: nothing yet.
     *
     * @param status of its head; with its trailers 200
     */
    int outcome(HeaderLines lines, int status) {
        int told = grpc ? Grpc.status(lines, slice) : RequestMetrics.NO_GRPC_STATUS;
        if (told != RequestMetrics.NO_GRPC_STATUS) {
            return Grpc.toHttp(told);
        }
        return grpc && status == 200 ? 0 : status;
    }

    /** The head of the answer, or its trailers. */
    void answered(HeaderLines lines) {
        if (grpc) {
            int told = Grpc.status(lines, slice);
            if (told != RequestMetrics.NO_GRPC_STATUS) {
                grpcStatus = told;
            }
        }
    }

    /** No request is going on, and none may come for long. */
    void idle() {
        entry = null;
    }

    /**
     * Counts the request and writes its entry.
     *
     * @param understood whether the request's head may be quoted
     * @param by null: no program has answered for the request
     * @param forwarded whether a host's answer to it was handed on
     * @return {@link System#nanoTime} of the end
     */
    long end(AccessLog to, boolean understood, @Nullable Program by, Upstream upstream, boolean forwarded) {
        long now = System.nanoTime();
        LogEntry ended = entry();
        ended.end(now);
        if (ended.responseCodeDetails == null) {
            ended.responseCodeDetails = "via_upstream";
        }
        metrics(by, upstream)
                .record(
                        ended.responseCode,
                        ended.flags,
                        grpc,
                        grpcStatus,
                        ended.durationNanos,
                        ended.bytesReceived,
                        ended.bytesSent);
        if (forwarded) {
            live.telemetry().proxy().added().recordNanos(upstream.addedNanos(now));
        }
        if (understood) {
            ended.downstreamRemote = connection.client();
            ended.captureRequest(to, view);
        }
        entry = to.write(ended);
        return now;
    }

    @SuppressWarnings("ReferenceEquality") // a changed cluster is another object
    private RequestMetrics metrics(@Nullable Program by, Upstream upstream) {
        Telemetry telemetry = live.telemetry();
        Cluster cluster = upstream.cluster();
        if (!atDestination) {
            HostStream stream = upstream.stream();
            if (stream == null) {
                return telemetry.sourceRequests(cluster, upstream.host(), null);
            }
            Dialled over = stream.dialled();
            RequestMetrics kept = over.metrics();
            if (kept == null) {
                kept = telemetry.sourceRequests(cluster, upstream.host(), over.tls());
                over.metrics(kept);
            }
            return kept;
        }
        RequestMetrics known = metrics;
        if (known == null || metricsOf != cluster) {
            known = telemetry.destinationRequests(by == null ? live.program() : by, cluster, connection);
            metrics = known;
            metricsOf = cluster;
        }
        return known;
    }
}
