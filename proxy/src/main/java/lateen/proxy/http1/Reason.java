package lateen.proxy.http1;

import java.nio.charset.StandardCharsets;

/** Reason phrases for answers of our own. RFC 9110 section 15. */
final class Reason {

    private static final byte[][] TEXT = new byte[600][];
    private static final byte[] NONE = new byte[0];

    static {
        put(100, "Continue");
        put(101, "Switching Protocols");
        put(200, "OK");
        put(204, "No Content");
        put(301, "Moved Permanently");
        put(302, "Found");
        put(303, "See Other");
        put(304, "Not Modified");
        put(307, "Temporary Redirect");
        put(308, "Permanent Redirect");
        put(400, "Bad Request");
        put(401, "Unauthorized");
        put(403, "Forbidden");
        put(404, "Not Found");
        put(405, "Method Not Allowed");
        put(408, "Request Timeout");
        put(413, "Content Too Large");
        put(417, "Expectation Failed");
        put(421, "Misdirected Request");
        put(426, "Upgrade Required");
        put(429, "Too Many Requests");
        put(431, "Request Header Fields Too Large");
        put(500, "Internal Server Error");
        put(501, "Not Implemented");
        put(502, "Bad Gateway");
        put(503, "Service Unavailable");
        put(504, "Gateway Timeout");
        put(505, "HTTP Version Not Supported");
    }

    private Reason() {}

    private static void put(int status, String text) {
        TEXT[status] = text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Empty for a status without an entry: the phrase is optional. */
    static byte[] of(int status) {
        byte[] text = status < TEXT.length ? TEXT[status] : null;
        return text == null ? NONE : text;
    }
}
