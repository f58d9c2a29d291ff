package lateen.proxy.pool;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import lateen.decision.config.ClusterConfig;
import lateen.proxy.Failure;
import lateen.proxy.cluster.Breakers;
import lateen.proxy.cluster.Cluster;
import lateen.proxy.cluster.Host;
import lateen.proxy.loop.Worker;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1 connections of one loop to one host. The one used last is used first, so that the others can become idle and
 * go. An idle connection keeps reading: its end is seen when it happens, not by the next request.
 */
public final class Http1Pool {
    /** Idle connections beyond this are closed instead of kept. */
    private static final int MAX_IDLE = 256;
    /** A pool without connections goes after this long. */
    private static final long EMPTY_NANOS = 60_000_000_000L;

    private final Worker worker;
    private final Host host;
    private final @Nullable OnBehalf client;
    private @Nullable Cluster cluster;
    private final ArrayDeque<UpstreamConnection> idle = new ArrayDeque<>();
    private final ArrayDeque<Waiter> waiting = new ArrayDeque<>();
    private int open;
    private boolean draining;
    private long lastUsed = System.nanoTime();

    /** @param client whose connections they are; null: nobody's in particular */
    Http1Pool(Worker worker, Host host, @Nullable OnBehalf client) {
        this.client = client;
        this.worker = worker;
        this.host = host;
    }

    /** Someone who needs a connection; told exactly once unless {@link #cancel} came first. */
    public interface Waiter {
        /** @param reused it carried requests before, so its other end may have given it up at this moment */
        void ready(UpstreamConnection connection, boolean reused);

        void failed(Failure failure);
    }

    void use(Cluster now) {
        cluster = now;
    }

    Host host() {
        return host;
    }

    Cluster cluster() {
        return Objects.requireNonNull(cluster);
    }

    /**
     * Tells the waiter at once when a connection is idle, else when one is open or has failed.
     *
     * @param now as {@link System#nanoTime}
     */
    public void acquire(Waiter waiter, long now) {
        lastUsed = now;
        UpstreamConnection connection = idle.pollLast();
        while (connection != null && !connection.usable()) {
            connection = idle.pollLast();
        }
        if (connection != null) {
            waiter.ready(connection, true);
            return;
        }
        Breakers breakers = cluster().breakers();
        if (!breakers.take(Breakers.Resource.PENDING)) {
            waiter.failed(new Failure.Overflow(cluster().name()));
            return;
        }
        waiting.add(waiter);
        openIfAllowed();
    }

    /** The waiter is no longer interested. */
    public void cancel(Waiter waiter) {
        if (waiting.remove(waiter)) {
            cluster().breakers().giveBack(Breakers.Resource.PENDING);
        }
    }

    /** A pool without a connection gets one whatever the limit is, as in Envoy: waiting would be for ever. */
    private void openIfAllowed() {
        Breakers breakers = cluster().breakers();
        if (!breakers.take(Breakers.Resource.CONNECTION)) {
            cluster().counters().connectionOverflow().increment();
            if (open > 0) {
                return;
            }
            breakers.takeAnyway(Breakers.Resource.CONNECTION);
        }
        open();
    }

    private void open() {
        open++;
        Breakers breakers = cluster().breakers();
        Dial.start(worker, cluster(), host, false, client, new Dial.Outcome() {
            @Override
            public void connected(Dialled dialled) {
                UpstreamConnection fresh = new UpstreamConnection(Http1Pool.this, breakers, dialled);
                dialled.channel().pipeline().addLast(fresh);
                dialled.channel().config().setAutoRead(true);
                offer(fresh, false, System.nanoTime());
            }

            @Override
            public void failed(Failure.ConnectFailed failure) {
                open--;
                breakers.giveBack(Breakers.Resource.CONNECTION);
                fail(failure);
                if (open == 0 && !waiting.isEmpty()) {
                    openIfAllowed();
                }
            }
        });
    }

    private void fail(Failure failure) {
        Waiter waiter = waiting.poll();
        if (waiter != null) {
            cluster().breakers().giveBack(Breakers.Resource.PENDING);
            waiter.failed(failure);
        }
    }

    /** A connection whose exchange is over and that can carry another. */
    void offer(UpstreamConnection connection, boolean reused, long now) {
        if (reused && isDone(connection, now)) {
            // Whoever waits gets another, see gone().
            connection.close();
            return;
        }
        Waiter waiter = waiting.poll();
        if (waiter != null) {
            cluster().breakers().giveBack(Breakers.Resource.PENDING);
            waiter.ready(connection, reused);
        } else if (draining || idle.size() >= MAX_IDLE) {
            connection.close();
        } else {
            connection.idleSince = now;
            idle.addLast(connection);
        }
    }

    /** The connection is closed. */
    void gone(UpstreamConnection connection, Breakers breakers) {
        idle.remove(connection);
        open--;
        breakers.giveBack(Breakers.Resource.CONNECTION);
        if (!waiting.isEmpty()) {
            openIfAllowed();
        }
    }

    private void closeOld(long now) {
        if (cluster().config().connectionLimits().maxDuration().isZero()) {
            return;
        }
        for (UpstreamConnection each : List.copyOf(idle)) {
            if (isDone(each, now)) {
                idle.remove(each);
                each.close();
            }
        }
    }

    /** Whether a connection has carried or lasted as much as it may. Envoy: {@code HttpProtocolOptions}. */
    private boolean isDone(UpstreamConnection connection, long now) {
        ClusterConfig.ConnectionLimits limits = cluster().config().connectionLimits();
        if (limits.maxRequests() > 0 && connection.carried() >= limits.maxRequests()) {
            cluster().counters().maxRequests().increment();
            return true;
        }
        long longest = limits.maxDuration().toNanos();
        if (longest > 0 && now - connection.openedAt() >= longest) {
            cluster().counters().maxDuration().increment();
            return true;
        }
        return false;
    }

    void drain() {
        draining = true;
        UpstreamConnection each;
        while ((each = idle.pollFirst()) != null) {
            each.close();
        }
    }

    /** Whether the pool itself is no longer needed. */
    boolean sweep(long now) {
        long limit = cluster().config().idleTimeout().toNanos();
        UpstreamConnection oldest = idle.peekFirst();
        while (limit > 0 && oldest != null && now - oldest.idleSince > limit) {
            idle.pollFirst();
            oldest.close();
            oldest = idle.peekFirst();
        }
        closeOld(now);
        return open == 0 && waiting.isEmpty() && now - lastUsed > EMPTY_NANOS;
    }
}
