package lateen.proxy.admin;

import java.util.ArrayDeque;

/**
 * Bounds the answers in memory: who wants to make one waits for a slot, in turn. Owned by the event loop.
 *
 * <p>Without this, a few clients that ask for large pages and do not read them would use up a sidecar's memory.
 */
final class ReplySlots {
    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
    private int free;

    ReplySlots(int free) {
        this.free = free;
    }

    /** Runs {@code start}, now or later; it must be followed by one {@link #release}. */
    void acquire(Runnable start) {
        if (free > 0) {
            free--;
            start.run();
        } else {
            waiting.add(start);
        }
    }

    void release() {
        Runnable next = waiting.poll();
        if (next == null) {
            free++;
        } else {
            next.run();
        }
    }
}
