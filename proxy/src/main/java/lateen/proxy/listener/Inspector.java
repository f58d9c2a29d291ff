package lateen.proxy.listener;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import lateen.decision.config.ListenerConfig.Inspectors;
import lateen.proxy.loop.Worker;
import org.jspecify.annotations.Nullable;

/** Looks into a connection's first bytes as its listener wishes, and keeps the time. Owned by the connection's loop. */
final class Inspector {
    private final Inspectors wanted;
    private final Worker worker;
    private @Nullable Future<?> timer;
    /** Whether {@link #timer} is that of {@link #awaitFirst}. */
    private boolean first;

    Inspector(Inspectors wanted, Worker worker) {
        this.wanted = wanted;
        this.worker = worker;
    }

    /** What the bytes say; neither index moves. */
    Inspection look(ByteBuf bytes) {
        Inspection seen = new Inspection.Other();
        if (wanted.tls()) {
            seen = ClientHello.inspect(bytes);
        }
        if (wanted.http() && seen instanceof Inspection.Other) {
            seen = HttpPreface.inspect(bytes);
        }
        return seen;
    }

    /**
     * Waits for a client that has said nothing yet, first for as long as clients that speak first need at most.
     *
     * @param silent what is to be done when it has not spoken by then; {@link #await} must follow at some time
     */
    void awaitFirst(long millis, Runnable silent) {
        if (timer == null) {
            timer = worker.loop()
                    .schedule(
                            () -> {
                                timer = null;
                                first = false;
                                silent.run();
                            },
                            millis,
                            TimeUnit.MILLISECONDS);
            first = true;
        }
    }

    /** The client has spoken: there is no need to wait for that any more. */
    void spoken() {
        if (first) {
            first = false;
            stop();
            timer = null;
        }
    }

    /**
     * Starts the clock, once. Envoy: {@code listener_filters_timeout}.
     *
     * @param late what is to be done when the listener does not wait any longer
     */
    void await(Runnable late) {
        if (timer == null && !wanted.timeout().isZero()) {
            timer = worker.loop().schedule(late, wanted.timeout().toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /** Whether a connection that the bytes say too little of goes on after the timeout. */
    boolean continues() {
        return wanted.continueOnTimeout();
    }

    void stop() {
        if (timer != null) {
            timer.cancel(false);
        }
    }
}
