package lateen.decision.config;

/**
 * What is borne of a peer that means harm; beyond any of these the connection ends. The names
 * are those of Envoy's {@code Http2ProtocolOptions}, unless said otherwise.
 *
 * @param maxOutboundFrames frames that may wait for a peer that does not read; DATA, which the windows bound, does not
 *     count
 * @param maxOutboundControlFrames of these, PING, SETTINGS, RST_STREAM and WINDOW_UPDATE
 * @param maxConsecutiveInboundFramesWithEmptyPayload DATA and HEADERS without payload and END_STREAM in a row
 * @param maxInboundPriorityFramesPerStream PRIORITY frames for each stream opened, and as many for the connection
 * @param maxInboundWindowUpdateFramesPerDataFrameSent WINDOW_UPDATE frames for each DATA frame sent
 * @param prematureResetTotalStreamCount once so many streams have ended, a connection ends of which more than half were
 *     reset before their answer, by the peer (CVE-2023-44487) or by us for a fault of the peer (CVE-2025-8671). Envoy's
 *     runtime key {@code overload.premature_reset_total_stream_count}
 * @param prematureResetMinStreamLifetimeSeconds only a stream reset sooner counts. Envoy's runtime key {@code
 *     overload.premature_reset_min_stream_lifetime_seconds}
 * @param maxInboundPingsAndSettingsPerSecond of each; ten times as many may come at once. Not in Envoy
 */
public record Http2FloodLimits(
        int maxOutboundFrames,
        int maxOutboundControlFrames,
        int maxConsecutiveInboundFramesWithEmptyPayload,
        int maxInboundPriorityFramesPerStream,
        int maxInboundWindowUpdateFramesPerDataFrameSent,
        int prematureResetTotalStreamCount,
        int prematureResetMinStreamLifetimeSeconds,
        int maxInboundPingsAndSettingsPerSecond) {

    /** Envoy's. */
    public static final Http2FloodLimits DEFAULT = new Http2FloodLimits(10_000, 1000, 1, 100, 10, 500, 1, 100);

    public Http2FloodLimits {
        int max = Integer.MAX_VALUE;
        in("max_outbound_frames", maxOutboundFrames, 1, max);
        in("max_outbound_control_frames", maxOutboundControlFrames, 1, max);
        in("max_consecutive_inbound_frames_with_empty_payload", maxConsecutiveInboundFramesWithEmptyPayload, 0, max);
        in("max_inbound_priority_frames_per_stream", maxInboundPriorityFramesPerStream, 0, max);
        in(
                "max_inbound_window_update_frames_per_data_frame_sent",
                maxInboundWindowUpdateFramesPerDataFrameSent,
                1,
                max);
        in("overload.premature_reset_total_stream_count", prematureResetTotalStreamCount, 1, max);
        in("overload.premature_reset_min_stream_lifetime_seconds", prematureResetMinStreamLifetimeSeconds, 0, 86_400);
        in("max_inbound_pings_and_settings_per_second", maxInboundPingsAndSettingsPerSecond, 1, 1_000_000);
    }

    static void in(String field, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(field + ": " + value + " (expected: " + min + ".." + max + ")");
        }
    }
}
