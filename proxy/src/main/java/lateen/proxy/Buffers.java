package lateen.proxy;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;

/** The allocator: direct buffers from one arena for each loop, in chunks small enough for a small sidecar. */
final class Buffers {
    private static final int PAGE = 8192;
    /** 8 KiB pages of order 5: chunks of 256 KiB. */
    private static final int ORDER = 5;

    /** Netty's property; the tests set it to look at every buffer. */
    private static final String LEAKS = "io.netty.leakDetection.level";

    private Buffers() {}

    static PooledByteBufAllocator allocator(int workers) {
        if (System.getProperty(LEAKS) == null) {
            // Its samples, one buffer in 128 with a stack trace, would be nearly all that a request allocates.
            ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
        }
        return new PooledByteBufAllocator(true, 0, workers, PAGE, ORDER, 64, 32, false);
    }
}
