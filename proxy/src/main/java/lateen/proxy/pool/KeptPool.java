package lateen.proxy.pool;

import java.util.ArrayDeque;
import java.util.Objects;
import lateen.proxy.cluster.Breakers;
import lateen.proxy.cluster.Cluster;
import lateen.proxy.cluster.Host;
import lateen.proxy.loop.Worker;
import org.jspecify.annotations.Nullable;

/** A pool that outlives its requests, and who waits in it. */
abstract sealed class KeptPool implements HostPool permits Http1Pool, Http2Pool {
    /** A pool without connections goes after this long. */
    static final long EMPTY_NANOS = 60_000_000_000L;

    final Worker worker;
    final Host host;
    /** Whose connections they are; null: nobody's in particular. */
    final @Nullable OnBehalf client;

    final ArrayDeque<Waiter> waiting = new ArrayDeque<>(4);
    private @Nullable Cluster cluster;

    KeptPool(Worker worker, Host host, @Nullable OnBehalf client) {
        this.client = client;
        this.worker = worker;
        this.host = host;
    }

    /** The cluster whose limits count from now on. */
    final void use(Cluster now) {
        cluster = now;
    }

    final Cluster cluster() {
        return Objects.requireNonNull(cluster);
    }

    final boolean await(Waiter waiter) {
        if (!cluster().breakers().take(Breakers.Resource.PENDING)) {
            return false;
        }
        waiting.add(waiter);
        return true;
    }

    @Override
    public final void cancel(Waiter waiter) {
        if (waiting.remove(waiter)) {
            cluster().breakers().giveBack(Breakers.Resource.PENDING);
        }
    }

    /** Whoever has waited longest; null: nobody does. */
    final @Nullable Waiter next() {
        Waiter waiter = waiting.poll();
        if (waiter != null) {
            cluster().breakers().giveBack(Breakers.Resource.PENDING);
        }
        return waiter;
    }

    /** The host is gone: connections end after what they carry. */
    abstract void drain();

    /**
     * Closes what was idle for too long.
     *
     * @param now as {@link System#nanoTime}
     * @return whether the pool itself is no longer needed
     */
    abstract boolean sweep(long now);
}
