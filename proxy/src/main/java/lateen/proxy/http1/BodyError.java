package lateen.proxy.http1;

/** Why a body is refused. The message cannot be completed, nor the connection used again: reset both sides. */
public enum BodyError implements BodyResult {
    /** No hexadecimal number up to 2^60-1 (15 digits) where a chunk's size must be; RFC 9112 section 7.1. */
    BAD_CHUNK_SIZE("http1.codec_error"),
    /** Beyond {@link BodyReader#MAX_EXTENSION} bytes in one chunk, or a control character; RFC 9112 section 7.1.1. */
    BAD_CHUNK_EXTENSION("http1.codec_error"),
    /** A chunk's data, or a line of the framing, does not end in CRLF. */
    BAD_LINE_END("http1.codec_error"),
    /** A trailer line that is no field; RFC 9112 section 7.1.2. */
    BAD_TRAILER("http1.codec_error"),
    /** Trailers beyond {@link BodyReader#MAX_TRAILERS} bytes; RFC 6585 section 5. */
    TRAILERS_TOO_LARGE(431, "http1.trailers_too_large"),
    /** The connection ended before the body did; RFC 9112 section 8. */
    PREMATURE_END("http1.codec_error");

    private final int status;
    private final String detail;

    BodyError(String detail) {
        this(400, detail);
    }

    BodyError(int status, String detail) {
        this.status = status;
        this.detail = detail;
    }

    /** 400 or 431. */
    public int status() {
        return status;
    }

    /** Envoy's response code detail. */
    public String detail() {
        return detail;
    }
}
