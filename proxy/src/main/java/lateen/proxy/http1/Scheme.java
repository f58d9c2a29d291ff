package lateen.proxy.http1;

import lateen.decision.request.HeaderName;

/** The scheme of a request's target, where the request names it. RFC 9110 section 4.2. */
public enum Scheme {
    /** Not named: that of the connection. */
    UNKNOWN,
    HTTP,
    HTTPS;

    private static final HeaderName HTTP_TEXT = HeaderName.of("http");
    private static final HeaderName HTTPS_TEXT = HeaderName.of("https");

    static Scheme of(byte[] a, int start, int end) {
        return HTTP_TEXT.matches(a, start, end) ? HTTP : HTTPS_TEXT.matches(a, start, end) ? HTTPS : UNKNOWN;
    }
}
