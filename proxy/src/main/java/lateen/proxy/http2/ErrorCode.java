package lateen.proxy.http2;

/** Codes of RST_STREAM and GOAWAY; other values can be received too. RFC 9113 section 7. */
public final class ErrorCode {

    /** Not on the wire: the connection was lost. */
    public static final long CONNECTION_LOST = -1;

    public static final long NO_ERROR = 0;
    public static final long PROTOCOL_ERROR = 1;
    public static final long INTERNAL_ERROR = 2;
    public static final long FLOW_CONTROL_ERROR = 3;
    public static final long SETTINGS_TIMEOUT = 4;
    public static final long STREAM_CLOSED = 5;
    public static final long FRAME_SIZE_ERROR = 6;
    public static final long REFUSED_STREAM = 7;
    public static final long CANCEL = 8;
    public static final long COMPRESSION_ERROR = 9;
    public static final long CONNECT_ERROR = 10;
    public static final long ENHANCE_YOUR_CALM = 11;
    public static final long INADEQUATE_SECURITY = 12;
    public static final long HTTP_1_1_REQUIRED = 13;

    private ErrorCode() {}
}
