package lateen.proxy.http2;

import lateen.decision.config.Http2Options;

/** What the peer said of itself in SETTINGS. RFC 9113 section 6.5.2. */
final class PeerSettings {

    private static final int MAX_MAX_FRAME_SIZE = (1 << 24) - 1;
    /** Until the peer's word is there; section 6.5.2 recommends no less. */
    private static final int ASSUMED_STREAMS = 100;

    private final boolean isServer;
    private boolean seen;
    private long maxConcurrentStreams = ASSUMED_STREAMS;
    private int initialWindow = Http2Options.MIN_WINDOW;
    private int maxFrameSize = FrameType.DEFAULT_MAX_FRAME_SIZE;
    private boolean connectProtocol;

    PeerSettings(boolean isServer) {
        this.isServer = isServer;
    }

    long maxConcurrentStreams() {
        return maxConcurrentStreams;
    }

    int initialWindow() {
        return initialWindow;
    }

    int maxFrameSize() {
        return maxFrameSize;
    }

    boolean connectProtocol() {
        return connectProtocol;
    }

    /** Takes one frame's settings. The header table's size goes to the encoder, changes of the window to {@code sending}. */
    Complaint take(byte[] payload, int length, HpackEncoder encoder, Sending sending) {
        if (!seen) {
            seen = true;
            maxConcurrentStreams = Integer.MAX_VALUE;
        }
        int before = initialWindow;
        Complaint wrong = Complaint.NONE;
        for (int at = 0; at < length && wrong == Complaint.NONE; at += 6) {
            int number = ((payload[at] & 0xFF) << 8) | (payload[at + 1] & 0xFF);
            long value = FrameForm.integer(payload, at + 2) & 0xFFFFFFFFL;
            wrong = take(number, value, encoder);
        }
        // Once for the frame, which can say it thousands of times: each change looks at every stream.
        return wrong == Complaint.NONE && initialWindow != before
                ? sending.initialWindowChanged((long) initialWindow - before)
                : wrong;
    }

    private Complaint take(int number, long value, HpackEncoder encoder) {
        switch (number) {
            case FrameType.HEADER_TABLE_SIZE -> encoder.limit(value);
            case FrameType.ENABLE_PUSH -> {
                if (value > 1 || (value == 1 && isServer)) {
                    return Complaint.BAD_SETTING;
                }
            }
            case FrameType.MAX_CONCURRENT_STREAMS -> maxConcurrentStreams = value;
            case FrameType.INITIAL_WINDOW_SIZE -> {
                if (value > Integer.MAX_VALUE) {
                    return Complaint.WINDOW_SETTING;
                }
                initialWindow = (int) value;
            }
            case FrameType.MAX_FRAME_SIZE -> {
                if (value < FrameType.DEFAULT_MAX_FRAME_SIZE || value > MAX_MAX_FRAME_SIZE) {
                    return Complaint.BAD_SETTING;
                }
                maxFrameSize = (int) value;
            }
            case FrameType.ENABLE_CONNECT_PROTOCOL -> {
                if (value > 1 || (connectProtocol && value == 0)) {
                    return Complaint.BAD_SETTING;
                }
                connectProtocol = value == 1;
            }
            // Unknown ones are ignored, as RFC 9113 section 6.5.2 asks; the size of header lists is advice.
            default -> {}
        }
        return Complaint.NONE;
    }
}
