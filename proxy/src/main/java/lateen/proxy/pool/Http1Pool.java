package lateen.proxy.pool;

import java.util.ArrayDeque;
import java.util.List;
import lateen.decision.config.ClusterConfig;
import lateen.decision.request.ByteSlice;
import lateen.proxy.Failure;
import lateen.proxy.cluster.Breakers;
import lateen.proxy.cluster.Host;
import lateen.proxy.http1.KnownHeader;
import lateen.proxy.http1.ResponseHead;
import lateen.proxy.loop.Worker;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1 connections of one loop to one host. The one used last is used first, so that the others can become idle and
 * go. An idle connection keeps reading: its end is seen when it happens, not by the next request; and it is given up before
 * the host would do it, see {@link IdleLimit}.
 */
final class Http1Pool extends KeptPool {
    /** Idle connections beyond this are closed instead of kept. */
    private static final int MAX_IDLE = 256;

    private final ArrayDeque<Http1HostConnection> idle = new ArrayDeque<>();
    private final IdleLimit limit = new IdleLimit();
    private int open;
    private boolean draining;
    private long lastUsed = System.nanoTime();

    Http1Pool(Worker worker, Host host, @Nullable OnBehalf client) {
        super(worker, host, client);
    }

    @Override
    public void acquire(Waiter waiter, long now) {
        lastUsed = now;
        closeSilent(now);
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
        if (idle.remove(connection)) {
            long now = System.nanoTime();
            limit.closed(now - connection.idleSince, now);
        }
        open--;
        breakers.giveBack(Breakers.Resource.CONNECTION);
        if (!waiting.isEmpty()) {
            openIfAllowed();
        }
    }

    /** The host's first answer over a connection. */
    void answered(ResponseHead head, long now) {
        ByteSlice keepAlive = new ByteSlice();
        if (head.header(KnownHeader.KEEP_ALIVE, keepAlive) == 1) {
            limit.announced(keepAlive, now);
        }
    }

    /** Closes what the cluster or the host itself would close soon for its silence. */
    private void closeSilent(long now) {
        long own = cluster().config().idleTimeout().toNanos();
        long longest = Math.min(own == 0 ? IdleLimit.UNKNOWN : own, limit.usable(now));
        Http1HostConnection oldest;
        while ((oldest = idle.peekFirst()) != null && now - oldest.idleSince > longest) {
            idle.pollFirst();
            oldest.close();
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
        closeSilent(now);
        closeOld(now);
        return open == 0 && waiting.isEmpty() && now - lastUsed > EMPTY_NANOS;
    }
}
