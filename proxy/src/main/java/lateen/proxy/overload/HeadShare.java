package lateen.proxy.overload;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The part of the heap that heads of more than the usual size may take together. Counted as they grow, since a burst of
 * them is faster than any look at the heap. Any thread.
 */
public final class HeadShare {
    /** Bytes of a head that are not counted: what a connection is reckoned with has room for them. */
    static final int USUAL = 1024;

    private final long most;
    private final AtomicLong taken = new AtomicLong();

    HeadShare(long most) {
        this.most = most;
    }

    /**
     * A head grows, or is let go.
     *
     * @param before bytes that were asked for last time; 0: none
     * @param after bytes that it takes now; 0: none
     * @return false: there is no room; nothing has changed
     */
    public boolean resize(int before, int after) {
        int more = counted(after) - counted(before);
        if (more == 0) {
            return true;
        }
        if (taken.addAndGet(more) <= most || more < 0) {
            return true;
        }
        taken.addAndGet(-more);
        return false;
    }

    private static int counted(int bytes) {
        return bytes <= USUAL ? 0 : bytes;
    }

    long taken() {
        return taken.get();
    }
}
