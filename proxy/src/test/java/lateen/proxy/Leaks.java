package lateen.proxy;

import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Collects what Netty's leak detector finds, so that a test can fail for it. Must be installed before any buffer. */
final class Leaks {
    private static final List<String> FOUND = new CopyOnWriteArrayList<>();

    static {
        ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(new ResourceLeakDetectorFactory() {
            @Override
            @SuppressWarnings("deprecation")
            public <T> ResourceLeakDetector<T> newResourceLeakDetector(Class<T> type, int interval, long max) {
                return new Detector<>(type, interval);
            }
        });
    }

    private Leaks() {}

    static void install() {
        // Loading the class did it.
    }

    private static final class Detector<T> extends ResourceLeakDetector<T> {
        @SuppressWarnings("deprecation")
        Detector(Class<T> type, int interval) {
            super(type, interval);
        }

        @Override
        protected void reportTracedLeak(String type, String records) {
            FOUND.add(type + records);
        }

        @Override
        protected void reportUntracedLeak(String type) {
            FOUND.add(type);
        }

        @Override
        protected boolean needReport() {
            return true;
        }
    }

    /** What has leaked until now. */
    static List<String> found() {
        for (int i = 0; i < 3; i++) {
            System.gc();
            // Leaks are reported when the next buffer is tracked.
            io.netty.buffer.PooledByteBufAllocator.DEFAULT.directBuffer(16).release();
        }
        return List.copyOf(FOUND);
    }
}
