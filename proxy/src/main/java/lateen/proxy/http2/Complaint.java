package lateen.proxy.http2;

/** Why a session refused something. The text goes into GOAWAY's debug data and the owner's log. */
public enum Complaint {
    /** Nothing to complain about. */
    NONE(ErrorCode.NO_ERROR, ""),

    // Frames. RFC 9113 sections 3.4, 4 and 6.
    BAD_PREFACE(ErrorCode.PROTOCOL_ERROR, "no HTTP/2 connection preface"),
    SETTINGS_FIRST(ErrorCode.PROTOCOL_ERROR, "first frame is not SETTINGS"),
    FRAME_TOO_LARGE(ErrorCode.FRAME_SIZE_ERROR, "frame larger than SETTINGS_MAX_FRAME_SIZE"),
    FRAME_LENGTH(ErrorCode.FRAME_SIZE_ERROR, "length does not fit the frame's type"),
    FRAME_STREAM(ErrorCode.PROTOCOL_ERROR, "stream identifier does not fit the frame's type"),
    BAD_PADDING(ErrorCode.PROTOCOL_ERROR, "padding longer than the frame"),
    EXPECTED_CONTINUATION(ErrorCode.PROTOCOL_ERROR, "header block interrupted"),
    UNEXPECTED_CONTINUATION(ErrorCode.PROTOCOL_ERROR, "CONTINUATION without HEADERS"),
    PUSH_PROMISE(ErrorCode.PROTOCOL_ERROR, "PUSH_PROMISE although push is off"),
    BAD_SETTING(ErrorCode.PROTOCOL_ERROR, "value of a setting out of range"),
    WINDOW_SETTING(ErrorCode.FLOW_CONTROL_ERROR, "SETTINGS_INITIAL_WINDOW_SIZE above 2^31-1"),
    HPACK(ErrorCode.COMPRESSION_ERROR, "header block cannot be decoded"),

    // Streams. RFC 9113 section 5.1.
    IDLE_STREAM(ErrorCode.PROTOCOL_ERROR, "frame on an idle stream"),
    STREAM_ID(ErrorCode.PROTOCOL_ERROR, "stream identifier out of order or of the wrong side"),
    STREAM_CLOSED(ErrorCode.STREAM_CLOSED, "frame on a closed stream"),
    SELF_DEPENDENCY(ErrorCode.PROTOCOL_ERROR, "stream depends on itself"),
    REFUSED(ErrorCode.REFUSED_STREAM, "more streams than SETTINGS_MAX_CONCURRENT_STREAMS"),

    // Flow control. RFC 9113 sections 5.2 and 6.9.
    ZERO_INCREMENT(ErrorCode.PROTOCOL_ERROR, "WINDOW_UPDATE of 0"),
    WINDOW_OVERFLOW(ErrorCode.FLOW_CONTROL_ERROR, "window above 2^31-1"),
    WINDOW_EXCEEDED(ErrorCode.FLOW_CONTROL_ERROR, "more DATA than the window allows"),

    // Messages. RFC 9113 section 8.1: stream errors.
    MALFORMED(ErrorCode.PROTOCOL_ERROR, "malformed message"),
    LENGTH_MISMATCH(ErrorCode.PROTOCOL_ERROR, "body does not have the length that content-length says"),

    // Limits against floods: what is beyond them ends the connection.
    HEADERS_FLOOD(ErrorCode.ENHANCE_YOUR_CALM, "header block far beyond the limits"),
    CONTINUATION_FLOOD(ErrorCode.ENHANCE_YOUR_CALM, "too many CONTINUATION frames"),
    RESET_FLOOD(ErrorCode.ENHANCE_YOUR_CALM, "too many streams reset before their answer"),
    SETTINGS_FLOOD(ErrorCode.ENHANCE_YOUR_CALM, "too many SETTINGS frames"),
    PING_FLOOD(ErrorCode.ENHANCE_YOUR_CALM, "too many PING frames"),
    EMPTY_FRAMES_FLOOD(ErrorCode.ENHANCE_YOUR_CALM, "too many frames without payload"),
    WINDOW_UPDATE_FLOOD(ErrorCode.ENHANCE_YOUR_CALM, "too many WINDOW_UPDATE frames"),
    PRIORITY_FLOOD(ErrorCode.ENHANCE_YOUR_CALM, "too many PRIORITY frames"),
    OUTBOUND_FLOOD(ErrorCode.ENHANCE_YOUR_CALM, "too many frames wait for a peer that does not read"),

    /** Nothing came after our own PING, for as long as was configured. */
    NO_ANSWER(ErrorCode.NO_ERROR, "no answer to a PING");

    private final long code;
    private final String text;

    Complaint(long code, String text) {
        this.code = code;
        this.text = text;
    }

    /** The {@link ErrorCode} that goes with it. */
    public long code() {
        return code;
    }

    public String text() {
        return text;
    }
}
