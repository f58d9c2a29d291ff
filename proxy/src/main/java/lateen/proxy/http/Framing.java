package lateen.proxy.http;

import lateen.proxy.http1.BodyKind;
import lateen.proxy.http1.ResponseHead;

/** How an answer's body is framed in HTTP/1, whatever it came by (RFC 9112 section 6). */
final class Framing {
    private Framing() {}

    /**
     * Has the head say it.
     *
     * @return whether the body is written in chunks
     */
    static boolean towardsClient(ResponseHead head, BodyKind kind, boolean http10) {
        head.asHttp11();
        return switch (kind) {
            case NONE, LENGTH, TUNNEL -> false;
            case CHUNKED, UNTIL_CLOSE -> {
                if (http10) {
                    head.frameNone();
                } else if (!head.chunked()) {
                    head.frameChunked();
                }
                yield !http10;
            }
        };
    }

    /** A client of HTTP/1.0 can only be told the end of such a body by the connection's. */
    static boolean endsWithClose(BodyKind kind, boolean http10) {
        return http10 && (kind == BodyKind.CHUNKED || kind == BodyKind.UNTIL_CLOSE);
    }
}
