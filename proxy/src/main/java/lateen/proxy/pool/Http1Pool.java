package lateen.proxy.pool;

import java.util.ArrayDeque;
import java.util.List;
import lateen.decision.config.ClusterConfig;
import lateen.proxy.Failure;
import lateen.proxy.cluster.Breakers;
import lateen.proxy.cluster.Host;
import lateen.proxy.loop.Worker;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1 connections of one loop to one host. The one used last is used first, so that the others can become idle and
 * go. An idle connection keeps reading: its end is seen when it happens, not by the next request.
 */
final class Http1Pool extends KeptPool {
    /** Idle connections beyond this are closed instead of kept. */
    private static final int MAX_IDLE = 256;

    private final ArrayDeque<Http1HostConnection> idle = new ArrayDeque<>();
    private int open;
    private boolean draining;
    private long lastUsed = System.nanoTime();

    Http1Pool(Worker worker, Host host, @Nullable OnBehalf client) {
        super(worker, host, client);
    }

    @Override
    public void acquire(Waiter waiter, long now) {
        lastUsed = now;
        Http1HostConnection connection = idle.pollLast();
        while (connection != null && !connection.usable()) {
            connection = idle.pollLast();
        }
        if (connection != null) {
            waiter.ready(connection, true);
            return;
        }
        if (await(waiter)) {
            openIfAllowed();
        } else {
            waiter.failed(new Failure.Overflow(cluster().name()));
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
                Http1HostConnection fresh = new Http1HostConnection(Http1Pool.this, breakers, dialled);
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
        Waiter waiter = next();
        if (waiter != null) {
            waiter.failed(failure);
        }
    }

    /** A connection whose exchange is over and that can carry another. */
    void offer(Http1HostConnection connection, boolean reused, long now) {
        if (reused && isDone(connection, now)) {
            // Whoever waits gets another, see gone().
            connection.close();
            return;
        }
        Waiter waiter = next();
        if (waiter != null) {
            waiter.ready(connection, reused);
        } else if (draining || idle.size() >= MAX_IDLE) {
            connection.close();
        } else {
            connection.idleSince = now;
            idle.addLast(connection);
        }
    }

    /** The connection is closed. */
    void gone(Http1HostConnection connection, Breakers breakers) {
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
        for (Http1HostConnection each : List.copyOf(idle)) {
            if (isDone(each, now)) {
                idle.remove(each);
                each.close();
            }
        }
    }

    /** Whether a connection has carried or lasted as much as it may. Envoy: {@code HttpProtocolOptions}. */
    private boolean isDone(Http1HostConnection connection, long now) {
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

    @Override
    void drain() {
        draining = true;
        Http1HostConnection each;
        while ((each = idle.pollFirst()) != null) {
            each.close();
        }
    }

    @Override
    boolean sweep(long now) {
        long limit = cluster().config().idleTimeout().toNanos();
        Http1HostConnection oldest = idle.peekFirst();
        while (limit > 0 && oldest != null && now - oldest.idleSince > limit) {
            idle.pollFirst();
            oldest.close();
            oldest = idle.peekFirst();
        }
        closeOld(now);
        return open == 0 && waiting.isEmpty() && now - lastUsed > EMPTY_NANOS;
    }
}
