package lateen.proxy.accesslog;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that formats and writes access logs; one for a process. While there is traffic it looks every ten
 * milliseconds, and an event loop wakes it only when much has gathered before: a wake-up and a write pay for many lines.
 */
public final class LogThread implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LogThread.class);
    private static final int CAPACITY = 1024;
    private static final long PAUSE_NANOS = 10_000_000;
    private static final int IDLE_ROUNDS = 100;

    private final LogRing ring;
    private final Map<String, LogTarget> targets = new ConcurrentHashMap<>();
    private final LongAdder dropped = new LongAdder();
    private final Thread thread;
    private volatile boolean asleep;
    private volatile boolean closing;

    public LogThread() {
        this(CAPACITY);
    }

    LogThread(int capacity) {
        thread = Thread.ofPlatform().daemon().name("access-log").unstarted(this::run);
        ring = new LogRing(capacity, () -> LockSupport.unpark(thread));
    }

    /** Starts writing; what was handed over before is written then. */
    public LogThread start() {
        thread.start();
        return this;
    }

    /** Opens all files anew. Any thread. */
    public void reopen() {
        targets.values().forEach(LogTarget::reopen);
    }

    /** Entries that were dropped because the writer could not keep up. */
    public long droppedEntries() {
        return dropped.sum();
    }

    /** Lines that were formatted but could not be written. */
    public long lostLines() {
        return targets.values().stream().mapToLong(LogTarget::lostLines).sum();
    }

    LogTarget target(String path) {
        return targets.computeIfAbsent(path, LogTarget::new);
    }

    /** Event loops: hands over, and gives the entry to use next, empty. */
    LogEntry submit(LogEntry entry) {
        LogEntry next = ring.offer(entry);
        if (next == null) {
            dropped.increment();
            return entry.clear();
        }
        if (asleep) {
            LockSupport.unpark(thread);
        }
        return next;
    }

    private void run() {
        int idle = 0;
        while (!closing) {
            if (drain() > 0) {
                idle = 0;
            } else {
                idle++;
            }
            if (idle < IDLE_ROUNDS) {
                LockSupport.parkNanos(this, PAUSE_NANOS);
                continue;
            }
            asleep = true;
            // An entry put in before the flag was seen would wait for the next one otherwise.
            if (ring.peek() == null && !closing) {
                LockSupport.park(this);
            }
            asleep = false;
            idle = 0;
        }
        drain();
        targets.values().forEach(LogTarget::close);
    }

    private int drain() {
        int n = 0;
        for (LogEntry entry = ring.peek(); entry != null; entry = ring.peek()) {
            AccessLog log = entry.log;
            if (log != null) {
                try {
                    log.format(entry);
                } catch (RuntimeException e) {
                    LOG.error("access log: an entry could not be formatted and is lost", e);
                    dropped.increment();
                }
            }
            entry.clear();
            ring.free();
            n++;
        }
        if (n > 0) {
            targets.values().forEach(LogTarget::flush);
        }
        return n;
    }

    /** Writes what was handed over so far and ends the thread, within 5 seconds. */
    @Override
    public void close() {
        closing = true;
        LockSupport.unpark(thread);
        try {
            thread.join(5000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
