package lateen.proxy.pool;

import java.util.ArrayList;
import java.util.List;
import lateen.decision.config.ClusterConfig;
import lateen.decision.config.Http2Options;
import lateen.proxy.Failure;
import lateen.proxy.cluster.Breakers;
import lateen.proxy.cluster.Host;
import lateen.proxy.loop.Worker;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/2 connections of one loop to one host: one, and another when the first can carry no more. A request waits only
 * for a connection to open, or, at a circuit breaker's limit, for a stream to end.
 */
final class Http2Pool extends KeptPool {
    /** After this long without a request a connection lets go of what it can. */
    private static final long UNUSED_NANOS = 1_000_000_000L;

    private final List<Http2HostConnection> connections = new ArrayList<>(1);
    /** Connections that are being opened. */
    private int opening;

    private boolean draining;
    private long lastUsed = System.nanoTime();

    Http2Pool(Worker worker, Host host, @Nullable OnBehalf client) {
        super(worker, host, client);
    }

    @Override
    public void acquire(Waiter waiter, long now) {
        lastUsed = now;
        if (waiting.isEmpty() && serve(waiter)) {
            return;
        }
        if (!await(waiter)) {
            waiter.failed(new Failure.Overflow(cluster().name()));
        } else if (opening == 0) {
            openIfAllowed();
        }
    }

    private boolean serve(Waiter waiter) {
        for (int i = 0; i < connections.size(); i++) {
            Http2HostConnection each = connections.get(i);
            boolean reused = each.carried() > 0;
            Http2HostStream stream = each.open();
            if (stream != null) {
                if (isDone(each)) {
                    each.retire();
                }
                waiter.ready(stream, reused);
                return true;
            }
        }
        return false;
    }

    /** A pool without a connection gets one whatever the limit is, as in Envoy: waiting would be for ever. */
    private void openIfAllowed() {
        Breakers breakers = cluster().breakers();
        if (!breakers.take(Breakers.Resource.CONNECTION)) {
            cluster().counters().connectionOverflow().increment();
            if (connections.stream().anyMatch(Http2HostConnection::usable) || opening > 0) {
                return;
            }
            breakers.takeAnyway(Breakers.Resource.CONNECTION);
        }
        open();
    }

    private void open() {
        opening++;
        Http2Options options = cluster().config().http2();
        Breakers breakers = cluster().breakers();
        Dial.start(worker, cluster(), host, false, client, new Dial.Outcome() {
            @Override
            public void connected(Dialled dialled) {
                opening--;
                Http2HostConnection fresh = new Http2HostConnection(Http2Pool.this, breakers, dialled, options);
                dialled.channel().pipeline().addLast(fresh);
                connections.add(fresh);
                fresh.start();
                dialled.channel().config().setAutoRead(true);
                serveWaiting();
                fresh.flush();
                if (draining) {
                    fresh.retire();
                }
            }

            @Override
            public void failed(Failure.ConnectFailed failure) {
                opening--;
                breakers.giveBack(Breakers.Resource.CONNECTION);
                // All wait for the same connection.
                for (int left = waiting.size(); left > 0; left--) {
                    Waiter waiter = next();
                    if (waiter != null) {
                        waiter.failed(failure);
                    }
                }
                if (opening == 0 && !waiting.isEmpty()) {
                    openIfAllowed();
                }
            }
        });
    }

    /** A connection may be able to take another request, or none at all any more. */
    void serveWaiting() {
        while (!waiting.isEmpty()) {
            // Taken out first: what is served may end, and ask again, before this returns.
            Waiter first = waiting.remove();
            if (!serve(first)) {
                waiting.addFirst(first);
                if (opening == 0) {
                    openIfAllowed();
                }
                return;
            }
            cluster().breakers().giveBack(Breakers.Resource.PENDING);
        }
    }

    /** The connection is closed. */
    void gone(Http2HostConnection connection, Breakers breakers) {
        if (connections.remove(connection)) {
            breakers.giveBack(Breakers.Resource.CONNECTION);
        }
        serveWaiting();
    }

    /** Whether a connection has carried or lasted as much as it may. Envoy: {@code HttpProtocolOptions}. */
    private boolean isDone(Http2HostConnection connection) {
        ClusterConfig.ConnectionLimits limits = cluster().config().connectionLimits();
        if (limits.maxRequests() > 0 && connection.carried() >= limits.maxRequests()) {
            cluster().counters().maxRequests().increment();
            return true;
        }
        return false;
    }

    @Override
    void drain() {
        draining = true;
        List.copyOf(connections).forEach(Http2HostConnection::retire);
    }

    @Override
    boolean sweep(long now) {
        long idle = cluster().config().idleTimeout().toNanos();
        long longest = cluster().config().connectionLimits().maxDuration().toNanos();
        for (Http2HostConnection each : List.copyOf(connections)) {
            each.tick(now);
            if (!each.usable()) {
                each.retire();
            } else if (longest > 0 && now - each.openedAt() >= longest) {
                cluster().counters().maxDuration().increment();
                each.retire();
            } else if (each.idle() && idle > 0 && now - each.idleSince() > idle) {
                each.retire();
            } else if (each.idle() && now - each.idleSince() > UNUSED_NANOS) {
                each.trim();
            }
        }
        return connections.isEmpty() && opening == 0 && waiting.isEmpty() && now - lastUsed > EMPTY_NANOS;
    }
}
