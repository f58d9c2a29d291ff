package lateen.proxy.admin;

/** Status codes of this interface. RFC 9110 section 15. */
enum Status {
    OK(200, "OK"),
    BAD_REQUEST(400, "Bad Request"),
    FORBIDDEN(403, "Forbidden"),
    NOT_FOUND(404, "Not Found"),
    METHOD_NOT_ALLOWED(405, "Method Not Allowed"),
    CONTENT_TOO_LARGE(413, "Content Too Large"),
    HEAD_TOO_LARGE(431, "Request Header Fields Too Large"),
    FAILED(500, "Internal Server Error"),
    UNAVAILABLE(503, "Service Unavailable"),
    VERSION(505, "HTTP Version Not Supported");

    private final int code;
    private final String phrase;

    Status(int code, String phrase) {
        this.code = code;
        this.phrase = phrase;
    }

    /** Of a head that cannot be read. */
    static Status ofHead(int code) {
        return switch (code) {
            case 431 -> HEAD_TOO_LARGE;
            case 505 -> VERSION;
            default -> BAD_REQUEST;
        };
    }

    /** As in a status line. */
    @Override
    public String toString() {
        return code + " " + phrase;
    }
}
