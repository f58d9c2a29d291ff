package lateen.proxy.http1;

/**
 * Why a head is refused. Nothing after it on the connection can be trusted: answer with {@link #status()} (as a server),
 * or fail the request with 502 (as a client), and close.
 */
public enum HeadError implements HeadResult {
    /** No {@code method SP target SP version}; RFC 9112 section 3. */
    BAD_REQUEST_LINE(400, "http1.codec_error"),
    /** The method is not a token; RFC 9110 section 9.1. */
    BAD_METHOD(400, "http1.codec_error"),
    /** The target fits none of the four forms, or has bytes outside 0x21–0x7E, or a fragment; RFC 9112 section 3.2. */
    BAD_TARGET(400, "http1.invalid_url"),
    /** Not {@code HTTP/} and two digits; RFC 9112 section 2.3. */
    BAD_VERSION(400, "http1.codec_error"),
    /** Well written, but not HTTP/1.x; RFC 9110 section 15.6.6. */
    UNSUPPORTED_VERSION(505, "http1.codec_error"),
    /** No {@code version SP status SP reason}; RFC 9112 section 4. */
    BAD_STATUS_LINE(400, "http1.codec_error"),
    /** A line ends in LF without CR, or has a CR that no LF follows; RFC 9112 section 2.2. */
    BARE_CR_OR_LF(400, "http1.codec_error"),
    /** A line starts with a space or tab; RFC 9112 section 5.2. */
    OBSOLETE_FOLDING(400, "http1.codec_error"),
    /** No colon, no name, whitespace before the colon, or no token as name; RFC 9112 section 5.1. */
    BAD_HEADER_NAME(400, "http1.codec_error"),
    /** NUL or another control character in a value; RFC 9110 section 5.5. */
    BAD_HEADER_VALUE(400, "http1.invalid_characters"),
    /** HTTP/1.1 without Host; RFC 9112 section 3.2. */
    MISSING_HOST(400, "missing_host_header"),
    /** More than one Host; RFC 9112 section 3.2. */
    REPEATED_HOST(400, "http1.codec_error"),
    /** Host, or the target's authority, is no {@code host [":" port]}; user names are not taken either. */
    BAD_HOST(400, "http1.invalid_url"),
    /** Not a single decimal number up to 2^63-1, or more than one, equal or not; RFC 9112 section 6.3. */
    BAD_CONTENT_LENGTH(400, "http1.codec_error"),
    /** Anything but one {@code chunked}; RFC 9112 section 6.1. */
    BAD_TRANSFER_ENCODING(501, "http1.invalid_transfer_encoding"),
    /** Both framings: a sign of request smuggling, refused instead of choosing one; RFC 9112 section 6.3. */
    LENGTH_AND_CHUNKED(400, "http1.content_length_and_chunked_not_allowed"),
    /** Framing where it cannot be: CONNECT, a 1xx or 204 answer, a coding in HTTP/1.0; RFC 9112 section 6.1. */
    BODY_NOT_ALLOWED(400, "http1.transfer_encoding_not_allowed"),
    /** Beyond {@link HeadLimits#maxBytes()}. */
    TOO_LARGE(431, "http1.headers_too_large"),
    /** Beyond {@link HeadLimits#maxHeaders()}. */
    TOO_MANY_HEADERS(431, "http1.too_many_headers");

    private final int status;
    private final String detail;

    HeadError(int status, String detail) {
        this.status = status;
        this.detail = detail;
    }

    /** 400, 431, 501 or 505. */
    public int status() {
        return status;
    }

    /** Envoy's response code detail. */
    public String detail() {
        return detail;
    }
}
