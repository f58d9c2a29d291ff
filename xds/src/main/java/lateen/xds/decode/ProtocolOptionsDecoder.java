package lateen.xds.decode;

import com.google.protobuf.UInt32Value;
import io.envoyproxy.envoy.config.core.v3.Http1ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.Http2ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.KeepaliveSettings;
import java.time.Duration;
import lateen.decision.config.Http1Options;
import lateen.decision.config.Http2FloodLimits;
import lateen.decision.config.Http2Options;

/** Envoy: {@code Http1ProtocolOptions} and {@code Http2ProtocolOptions}. */
final class ProtocolOptionsDecoder {
    /** Envoy's {@code interval_jitter} when unset. */
    private static final double JITTER_PERCENT = 15;

    private static final Duration SHORTEST = Duration.ofMillis(1);

    private ProtocolOptionsDecoder() {}

    static Http1Options http1(Http1ProtocolOptions options) {
        return new Http1Options(options.getEnableTrailers());
    }

    static Http2Options http2(Http2ProtocolOptions options, FieldPath at) {
        Http2Options unset = Http2Options.DEFAULT;
        int max = Integer.MAX_VALUE;
        return new Http2Options(
                number(
                        options.hasHpackTableSize(),
                        options.getHpackTableSize(),
                        unset.hpackTableSize(),
                        0,
                        Http2Options.MAX_TABLE,
                        at.at("hpack_table_size")),
                number(
                        options.hasMaxConcurrentStreams(),
                        options.getMaxConcurrentStreams(),
                        unset.maxConcurrentStreams(),
                        1,
                        max,
                        at.at("max_concurrent_streams")),
                number(
                        options.hasInitialStreamWindowSize(),
                        options.getInitialStreamWindowSize(),
                        unset.initialStreamWindowSize(),
                        Http2Options.MIN_WINDOW,
                        max,
                        at.at("initial_stream_window_size")),
                number(
                        options.hasInitialConnectionWindowSize(),
                        options.getInitialConnectionWindowSize(),
                        unset.initialConnectionWindowSize(),
                        Http2Options.MIN_WINDOW,
                        max,
                        at.at("initial_connection_window_size")),
                options.getAllowConnect(),
                floods(options, at),
                options.hasConnectionKeepalive()
                        ? keepAlive(options.getConnectionKeepalive(), at.at("connection_keepalive"))
                        : Http2Options.KeepAlive.NONE);
    }

    private static Http2FloodLimits floods(Http2ProtocolOptions options, FieldPath at) {
        Http2FloodLimits unset = Http2FloodLimits.DEFAULT;
        int max = Integer.MAX_VALUE;
        return new Http2FloodLimits(
                number(
                        options.hasMaxOutboundFrames(),
                        options.getMaxOutboundFrames(),
                        unset.maxOutboundFrames(),
                        1,
                        max,
                        at.at("max_outbound_frames")),
                number(
                        options.hasMaxOutboundControlFrames(),
                        options.getMaxOutboundControlFrames(),
                        unset.maxOutboundControlFrames(),
                        1,
                        max,
                        at.at("max_outbound_control_frames")),
                number(
                        options.hasMaxConsecutiveInboundFramesWithEmptyPayload(),
                        options.getMaxConsecutiveInboundFramesWithEmptyPayload(),
                        unset.maxConsecutiveInboundFramesWithEmptyPayload(),
                        0,
                        max,
                        at.at("max_consecutive_inbound_frames_with_empty_payload")),
                number(
                        options.hasMaxInboundPriorityFramesPerStream(),
                        options.getMaxInboundPriorityFramesPerStream(),
                        unset.maxInboundPriorityFramesPerStream(),
                        0,
                        max,
                        at.at("max_inbound_priority_frames_per_stream")),
                number(
                        options.hasMaxInboundWindowUpdateFramesPerDataFrameSent(),
                        options.getMaxInboundWindowUpdateFramesPerDataFrameSent(),
                        unset.maxInboundWindowUpdateFramesPerDataFrameSent(),
                        1,
                        max,
                        at.at("max_inbound_window_update_frames_per_data_frame_sent")),
                unset.prematureResetTotalStreamCount(),
                unset.prematureResetMinStreamLifetimeSeconds(),
                unset.maxInboundPingsAndSettingsPerSecond());
    }

    private static Http2Options.KeepAlive keepAlive(KeepaliveSettings settings, FieldPath at) {
        if (!settings.hasTimeout()) {
            throw at.missing("timeout", "1ms or more");
        }
        Duration timeout = time(settings.getTimeout(), at.at("timeout"));
        double jitter =
                settings.hasIntervalJitter() ? settings.getIntervalJitter().getValue() : JITTER_PERCENT;
        if (!(jitter >= 0 && jitter <= 100)) {
            throw at.at("interval_jitter").refuse(jitter, "0..100");
        }
        return settings.hasInterval()
                ? new Http2Options.KeepAlive(time(settings.getInterval(), at.at("interval")), timeout, jitter)
                : Http2Options.KeepAlive.NONE;
    }

    private static Duration time(com.google.protobuf.Duration set, FieldPath at) {
        Duration time = Values.duration(set, at);
        if (time.compareTo(SHORTEST) < 0) {
            throw at.refuse(time, "1ms or more");
        }
        return time;
    }

    private static int number(boolean set, UInt32Value value, int unset, int min, int max, FieldPath at) {
        if (!set) {
            return unset;
        }
        int number = value.getValue();
        if (number < min || number > max) {
            throw at.refuse(Integer.toUnsignedString(number), min + ".." + max);
        }
        return number;
    }
}
