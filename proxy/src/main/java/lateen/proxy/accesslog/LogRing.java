package lateen.proxy.accesslog;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * A bounded queue of entries, from many event loops to one thread, in which entries go round: whoever puts one in takes
 * out the one that was used there before. Slots carry a sequence number in the manner of Dmitry Vyukov's bounded queue.
 */
final class LogRing {

    private final int mask;
    private final Runnable quarter;
    private final AtomicReferenceArray<@Nullable LogEntry> entries;
    private final AtomicLongArray turns;
    private final AtomicLong tail = new AtomicLong();
    /** Log thread only. */
    private long head;

    /**
     * @param capacity a power of two
     * @param quarter run by whoever puts in the last entry of each quarter of the ring
     */
    LogRing(int capacity, Runnable quarter) {
        this.quarter = quarter;
        mask = capacity - 1;
        entries = new AtomicReferenceArray<>(capacity);
        turns = new AtomicLongArray(capacity);
        for (int i = 0; i < capacity; i++) {
            turns.set(i, i);
        }
    }

    /** Any thread. The entry to use next, or null: the ring is full, and the caller keeps its own. */
    @Nullable
    LogEntry offer(LogEntry entry) {
        while (true) {
            long at = tail.get();
            int slot = (int) at & mask;
            long turn = turns.get(slot);
            if (turn < at) {
                return null;
            }
            if (turn == at && tail.compareAndSet(at, at + 1)) {
                LogEntry spare = entries.getPlain(slot);
                entries.setPlain(slot, entry);
                turns.setRelease(slot, at + 1);
                if ((at + 1 & mask >> 2) == 0) {
                    quarter.run();
                }
                return spare == null ? new LogEntry().clear() : spare;
            }
        }
    }

    /** Log thread only: the oldest entry, still in its slot; null: none. */
    @Nullable
    LogEntry peek() {
        int slot = (int) head & mask;
        return turns.getAcquire(slot) == head + 1 ? entries.getPlain(slot) : null;
    }

    /** Log thread only: the entry of {@link #peek} is done with, and may be taken as a spare. */
    void free() {
        turns.setRelease((int) head & mask, head + mask + 1);
        head++;
    }
}
