package lateen.proxy.loop;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One event loop, its random numbers and its open downstream connections. */
public final class Worker {

    public static final long TICK_MILLIS = 100;

    private static final Logger log = LoggerFactory.getLogger(Worker.class);

    private LongConsumer sweep = now -> {};
    private final int index;
    private final EventLoop loop;
    private final ByteBufAllocator allocator;
    private final SplittableRandom random = new SplittableRandom();
    /** Owned by {@link #loop}. */
    private final Set<Drainable> open = new LinkedHashSet<>();

    /** Owned by {@link #loop}. */
    private boolean draining;
    /** Owned by {@link #loop}. */
    private boolean gently;

    /** Owned by {@link #loop}. */
    private boolean inboundOnly;

    private final InstantSource clock;
    /** The same moment on two clocks, taken anew at each tick. Owned by {@link #loop}. */
    private long tickNanos;

    private long tickEpochMicros;

    private final int upstreamMark;
    /** Owned by {@link #loop}. */
    private final Splice splice = new Splice();

    /**
     * @param allocator with an arena for each loop
     * @param clock for {@link #epochMicros}
     * @param upstreamMark of the connections that this loop opens; 0: none
     */
    public Worker(int index, EventLoop loop, ByteBufAllocator allocator, InstantSource clock, int upstreamMark) {
        this.upstreamMark = upstreamMark;
        this.clock = clock;
        readClocks();
        this.allocator = allocator;
        this.index = index;
        this.loop = loop;
    }

    /** 0 to the number of workers, exclusive. */
    public int index() {
        return index;
    }

    public EventLoop loop() {
        return loop;
    }

    public ByteBufAllocator allocator() {
        return allocator;
    }

    public int upstreamMark() {
        return upstreamMark;
    }

    /** On the loop. */
    public Splice splice() {
        return splice;
    }

    public SplittableRandom random() {
        return random;
    }

    /** Throws when another thread than the loop's is at the door. */
    public void assertOwned() {
        if (!loop.inEventLoop()) {
            throw new IllegalStateException("thread " + Thread.currentThread().getName() + " in worker " + index);
        }
    }

    /** A timer for the whole loop, instead of one for each request: deadlines are met this late at most. */
    private void tick() {
        long now = readClocks();
        for (Drainable each : open.toArray(new Drainable[0])) {
            tick(each, now);
        }
        sweep.accept(now);
    }

    /** An exception would end the ticking of all others, for good. */
    private void tick(Drainable each, long now) {
        try {
            each.tick(now);
        } catch (RuntimeException | OutOfMemoryError e) {
            log.error("worker {}: a connection is closed, its clock failed", index, e);
            each.closeNow();
        }
    }

    private long readClocks() {
        Instant now = clock.instant();
        tickEpochMicros = now.getEpochSecond() * 1_000_000 + now.getNano() / 1000;
        tickNanos = System.nanoTime();
        return tickNanos;
    }

    /** The time of day, in microseconds since 1970, of a recent {@link System#nanoTime}. On the loop. */
    public long epochMicros(long nanos) {
        return tickEpochMicros + (nanos - tickNanos) / 1000;
    }

    /**
     * Starts the ticking.
     *
     * @param sweeper called with the time after each tick
     */
    public void start(LongConsumer sweeper) {
        sweep = sweeper;
        loop.scheduleWithFixedDelay(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    public void opened(Drainable connection) {
        open.add(connection);
        if (draining && (!inboundOnly || connection.inbound())) {
            drain(connection);
        }
    }

    public void closed(Drainable connection) {
        open.remove(connection);
    }

    /** Number of open downstream connections. On the loop. */
    public int openConnections() {
        return open.size();
    }

    /**
     * Asks every connection, and those still to come, to end after what it is doing. On the loop.
     *
     * @param unnoticed so that no client sees an end that it did not expect
     */
    public void drain(boolean unnoticed) {
        drain(unnoticed, false);
    }

    /** As {@link #drain(boolean)}, of inbound connections alone. On the loop. */
    public void drainInbound(boolean unnoticed) {
        if (!draining) {
            drain(unnoticed, true);
        }
    }

    private void drain(boolean unnoticed, boolean inbound) {
        draining = true;
        gently = unnoticed;
        inboundOnly = inbound;
        for (Drainable each : List.copyOf(open)) {
            if (!inbound || each.inbound()) {
                drain(each);
            }
        }
    }

    private void drain(Drainable connection) {
        if (gently) {
            connection.drainGently();
        } else {
            connection.drain();
        }
    }

    /** Number of open inbound connections. On the loop. */
    public int openInbound() {
        return (int) open.stream().filter(Drainable::inbound).count();
    }

    /** Closes every connection at once. On the loop. */
    public void closeAll() {
        new ArrayList<>(open).forEach(Drainable::closeNow);
        splice.close();
    }

    /** Closes every inbound connection at once. On the loop. */
    public void closeInbound() {
        open.stream().filter(Drainable::inbound).toList().forEach(Drainable::closeNow);
    }
}
