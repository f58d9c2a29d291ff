package lateen.proxy;

import io.netty.buffer.PooledByteBufAllocator;

/** The allocator: direct buffers from one arena for each loop, in chunks small enough for a small sidecar. */
final class Buffers {
    private static final int PAGE = 8192;
    /** 8 KiB pages of order 5: chunks of 256 KiB. */
    private static final int ORDER = 5;

    private Buffers() {}

    static PooledByteBufAllocator allocator(int workers) {
        return new PooledByteBufAllocator(true, 0, workers, PAGE, ORDER, 64, 32, false);
    }
}
