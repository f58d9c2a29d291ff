package lateen.proxy.loop;

/** A downstream connection that can be asked to end. Called on its own loop. */
public interface Drainable {
    /** End when the present work is done; HTTP/1 answers with {@code Connection: close}. */
    void drain();

    /** As {@link #drain}, but nobody may notice: a client that is about to ask something is answered first. */
    default void drainGently() {
        drain();
    }

    /** Whether it came to an inbound listener, for the workload that this proxy serves. */
    boolean inbound();

    void closeNow();

    /**
     * Called every {@link Worker#TICK_MILLIS}, to look at deadlines.
     *
     * @param now as {@link System#nanoTime}
     */
    void tick(long now);
}
