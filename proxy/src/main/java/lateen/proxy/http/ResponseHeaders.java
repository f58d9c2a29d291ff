package lateen.proxy.http;

import lateen.decision.config.NetworkFilter.ServerHeader;
import lateen.proxy.http1.BodyKind;
import lateen.proxy.http1.KnownHeader;
import lateen.proxy.http1.ResponseHead;
import lateen.proxy.program.HttpProgram;
import lateen.proxy.program.RouteProgram.CompiledRoute;

/** What the connection manager does to a host's response before the client gets it. */
final class ResponseHeaders {
    private ResponseHeaders() {}

    /**
     * Framing towards the client (RFC 9112 section 6).
     *
     * @return whether the body is written in chunks
     */
    static boolean frame(ResponseHead head, BodyKind kind, boolean http10, boolean tunnel) {
        head.removeHopByHop(tunnel);
        head.asHttp11();
        return switch (kind) {
            case NONE, LENGTH, TUNNEL -> false;
            case CHUNKED -> {
                if (http10) {
                    head.frameNone();
                }
                yield !http10;
            }
            case UNTIL_CLOSE -> {
                if (!http10) {
                    head.frameChunked();
                }
                yield !http10;
            }
        };
    }

    /** An HTTP/1.0 client can only be told the end of such a body by the connection's. */
    static boolean endsWithClose(BodyKind kind, boolean http10) {
        return http10 && (kind == BodyKind.CHUNKED || kind == BodyKind.UNTIL_CLOSE);
    }

    static void apply(ResponseHead head, HttpProgram http, CompiledRoute route, long serviceMillis) {
        Answers.date(head);
        ServerHeader mode = http.config().serverHeader();
        byte[] server = http.server().bytes();
        switch (mode) {
            case OVERWRITE -> head.set(KnownHeader.SERVER, server);
            case APPEND_IF_ABSENT -> head.addIfAbsent(KnownHeader.SERVER, server, 0, server.length);
            case PASS_THROUGH -> {}
        }
        head.setNumber(KnownHeader.X_ENVOY_UPSTREAM_SERVICE_TIME, Math.max(0, serviceMillis));
        route.responseEdits().apply(head);
    }
}
