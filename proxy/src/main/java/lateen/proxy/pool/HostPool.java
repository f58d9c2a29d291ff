package lateen.proxy.pool;

import lateen.proxy.Failure;

/** Where requests of one loop to one host get what carries them. Touched by that loop only. */
public sealed interface HostPool permits KeptPool, Tunnels {
    /** Someone who needs a connection; told exactly once unless {@link #cancel} came first. */
    interface Waiter {
        /** @param reused the connection carried requests before, so its other end may have given it up at this moment */
        void ready(HostStream stream, boolean reused);

        void failed(Failure failure);
    }

    /**
     * Tells the waiter at once where a connection can take its request, else when one is open or has failed.
     *
     * @param now as {@link System#nanoTime}
     */
    void acquire(Waiter waiter, long now);

    /** The waiter is no longer interested. */
    void cancel(Waiter waiter);
}
