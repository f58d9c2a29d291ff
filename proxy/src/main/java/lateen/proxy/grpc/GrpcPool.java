package lateen.proxy.grpc;

import io.netty.channel.Channel;
import java.util.ArrayDeque;
import java.util.Objects;
import lateen.proxy.Failure;
import lateen.proxy.cluster.Breakers;
import lateen.proxy.cluster.Cluster;
import lateen.proxy.cluster.Host;
import lateen.proxy.loop.Worker;
import lateen.proxy.pool.Dial;
import lateen.proxy.pool.Dialled;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP/2 connection of one loop to one host, and the calls that wait for it. One that takes no more calls (GOAWAY,
 * or nothing came from it for a whole call) is replaced with the next call, and ends after those that it has.
 */
final class GrpcPool {
    /** A pool without connection goes after this long. */
    private static final long EMPTY_NANOS = 60_000_000_000L;

    private final Worker worker;
    private final Host host;
    private final GrpcPools pools;
    private final ArrayDeque<UnaryCall> waiting = new ArrayDeque<>();
    private @Nullable Cluster cluster;
    private @Nullable GrpcConnection connection;
    private @Nullable Channel dialling;
    private boolean dials;
    private boolean closed;
    private long lastUsed = System.nanoTime();

    GrpcPool(Worker worker, Host host, GrpcPools pools) {
        this.worker = worker;
        this.host = host;
        this.pools = pools;
    }

    void use(Cluster now) {
        cluster = now;
    }

    Host host() {
        return host;
    }

    GrpcPools pools() {
        return pools;
    }

    private Cluster cluster() {
        return Objects.requireNonNull(cluster);
    }

    /** The call is sent at once where there is a connection, else when there is one, or fails. */
    void acquire(UnaryCall call) {
        lastUsed = System.nanoTime();
        GrpcConnection open = connection;
        if (open != null && open.takesCalls()) {
            call.ready(open);
            return;
        }
        Breakers breakers = cluster().breakers();
        if (!breakers.take(Breakers.Resource.PENDING)) {
            cluster().counters().pendingOverflow().increment();
            call.fail(CallFailure.unavailable("too many calls wait for a connection to " + host));
            return;
        }
        waiting.add(call);
        if (!dials) {
            // As in Http1Pool: a pool without a connection for new calls gets one whatever the limit is.
            if (!breakers.take(Breakers.Resource.CONNECTION)) {
                cluster().counters().connectionOverflow().increment();
                breakers.takeAnyway(Breakers.Resource.CONNECTION);
            }
            dial();
        }
    }

    void cancel(UnaryCall call) {
        if (waiting.remove(call)) {
            cluster().breakers().giveBack(Breakers.Resource.PENDING);
        }
    }

    private void dial() {
        dials = true;
        Breakers breakers = cluster().breakers();
        dialling = Dial.start(worker, cluster(), host, false, null, new Dial.Outcome() {
            @Override
            public void connected(Dialled dialled) {
                dials = false;
                GrpcConnection fresh = GrpcConnection.over(GrpcPool.this, dialled.tls() != null);
                dialled.channel().closeFuture().addListener(gone -> breakers.giveBack(Breakers.Resource.CONNECTION));
                dialled.channel().pipeline().addLast(fresh);
                dialled.channel().config().setAutoRead(true);
                connection = fresh;
                // Those only that wait now: a call may fail at once and come back.
                for (int i = waiting.size(); i > 0 && !waiting.isEmpty(); i--) {
                    UnaryCall call = waiting.poll();
                    breakers.giveBack(Breakers.Resource.PENDING);
                    call.ready(fresh);
                }
                // Not before: it would end without having served those.
                if (closed) {
                    fresh.retire();
                }
            }

            @Override
            public void failed(Failure.ConnectFailed failure) {
                dials = false;
                breakers.giveBack(Breakers.Resource.CONNECTION);
                failWaiting(CallFailure.unavailable("no connection to " + host + ": " + failure.reason()));
            }
        });
    }

    private void failWaiting(CallFailure failure) {
        for (int i = waiting.size(); i > 0 && !waiting.isEmpty(); i--) {
            UnaryCall call = waiting.poll();
            cluster().breakers().giveBack(Breakers.Resource.PENDING);
            call.fail(failure);
        }
    }

    /** It is closed. */
    @SuppressWarnings("ReferenceEquality") // one object for each connection
    void gone(GrpcConnection ended) {
        if (connection == ended) {
            connection = null;
        }
    }

    void drain() {
        closed = true;
        if (connection != null) {
            connection.retire();
        }
    }

    void closeNow() {
        closed = true;
        if (dialling != null) {
            dialling.close();
        }
        if (connection != null) {
            connection.closeNow();
        }
    }

    /** Whether the pool itself is no longer needed. */
    boolean sweep(long now) {
        long limit = cluster().config().idleTimeout().toNanos();
        if (limit > 0 && connection != null && connection.idle() && now - lastUsed > limit) {
            connection.retire();
        }
        return connection == null && !dials && waiting.isEmpty() && now - lastUsed > EMPTY_NANOS;
    }
}
