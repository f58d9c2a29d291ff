package lateen.proxy.overload;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at the monitors at intervals: they read files and may ask for a collection, which no event loop should. */
public final class OverloadThread implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(OverloadThread.class);

    private final ScheduledThreadPoolExecutor thread =
            new ScheduledThreadPoolExecutor(1, new DefaultThreadFactory("lateen-overload", true));

    /** @param accepting told at each change, on this thread, whether listeners may accept */
    public OverloadThread(Overload overload, Duration interval, Consumer<Boolean> accepting) {
        thread.scheduleWithFixedDelay(
                () -> {
                    try {
                        overload.refresh(System.nanoTime(), accepting);
                    } catch (RuntimeException e) {
                        // An exception would end the looking for good.
                        log.error("overload: the monitors could not be read", e);
                    }
                },
                interval.toNanos(),
                interval.toNanos(),
                TimeUnit.NANOSECONDS);
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
