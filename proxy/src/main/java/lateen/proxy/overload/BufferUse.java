package lateen.proxy.overload;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.internal.PlatformDependent;

/** Netty's buffers outside of the heap, against the JVM's limit for them. Any thread. */
final class BufferUse {
    /** The allocator has taken so much from the system, which is cheap to ask. */
    private static final double TAKEN = 0.9;
    /** So much of it is in use: the rest are gaps and free pieces. */
    private static final double USED = 0.75;

    private final PooledByteBufAllocator allocator;
    private final long max = PlatformDependent.maxDirectMemory();

    BufferUse(PooledByteBufAllocator allocator) {
        this.allocator = allocator;
    }

    /** Bytes of buffers in use. */
    long used() {
        return allocator.pinnedDirectMemory();
    }

    /** Of the limit, 0 to 1. */
    double share() {
        return max <= 0 ? 0 : (double) used() / max;
    }

    /** Whether the next buffers may be the last. */
    boolean exhausted() {
        return max > 0 && PlatformDependent.usedDirectMemory() > TAKEN * max && used() > USED * max;
    }
}
