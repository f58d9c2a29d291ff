package lateen.proxy.http2;

import lateen.decision.config.Http2FloodLimits;

/**
 * Counts what a peer that means harm would do very often. Each method says {@link Complaint#NONE} as long as it is borne.
 * Streams pay for priority and window frames, so that a long-lived connection is not ended by what it did in years.
 */
final class FloodGuard {

    private static final long SECOND = 1_000_000_000L;
    /** Of pings and settings, as many seconds' worth may come at once. */
    private static final int BURST_SECONDS = 10;
    /** WINDOW_UPDATE frames that no DATA was sent for; Envoy's. */
    private static final int FREE_WINDOW_UPDATES = 5;

    private final Http2FloodLimits limits;
    private long streams;
    private long dataFrames;
    private long priorities;
    private long windowUpdates;
    private int emptyInRow;
    private long ended;
    private long premature;
    private long pingsAllowed;
    private long settingsAllowed;
    private long refilled;

    /** @param now {@link System#nanoTime} */
    FloodGuard(Http2FloodLimits limits, long now) {
        this.limits = limits;
        pingsAllowed = (long) limits.maxInboundPingsAndSettingsPerSecond() * BURST_SECONDS;
        settingsAllowed = pingsAllowed;
        refilled = now;
    }

    void streamOpened() {
        streams++;
    }

    void dataSent() {
        dataFrames++;
    }

    void payload() {
        emptyInRow = 0;
    }

    Complaint empty() {
        return ++emptyInRow > limits.maxConsecutiveInboundFramesWithEmptyPayload()
                ? Complaint.EMPTY_FRAMES_FLOOD
                : Complaint.NONE;
    }

    Complaint priority() {
        return ++priorities > limits.maxInboundPriorityFramesPerStream() * (1 + streams)
                ? Complaint.PRIORITY_FLOOD
                : Complaint.NONE;
    }

    Complaint windowUpdate() {
        long allowed = FREE_WINDOW_UPDATES
                + 2 * (streams + limits.maxInboundWindowUpdateFramesPerDataFrameSent() * dataFrames);
        return ++windowUpdates > allowed ? Complaint.WINDOW_UPDATE_FLOOD : Complaint.NONE;
    }

    Complaint ping(long now) {
        refill(now);
        return --pingsAllowed < 0 ? Complaint.PING_FLOOD : Complaint.NONE;
    }

    Complaint settings(long now) {
        refill(now);
        return --settingsAllowed < 0 ? Complaint.SETTINGS_FLOOD : Complaint.NONE;
    }

    private void refill(long now) {
        long seconds = (now - refilled) / SECOND;
        if (seconds > 0) {
            refilled += seconds * SECOND;
            long rate = limits.maxInboundPingsAndSettingsPerSecond();
            long more = Math.min(seconds, BURST_SECONDS) * rate;
            pingsAllowed = Math.min(BURST_SECONDS * rate, pingsAllowed + more);
            settingsAllowed = Math.min(BURST_SECONDS * rate, settingsAllowed + more);
        }
    }

    void streamEnded() {
        ended++;
    }

    /** A stream that was reset by the peer, or for a fault of the peer, before its answer was complete. */
    Complaint streamReset(long opened, long now) {
        ended++;
        if (now - opened < limits.prematureResetMinStreamLifetimeSeconds() * SECOND) {
            premature++;
        }
        return ended >= limits.prematureResetTotalStreamCount() && 2 * premature > ended
                ? Complaint.RESET_FLOOD
                : Complaint.NONE;
    }
}
