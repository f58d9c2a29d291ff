package lateen.proxy.http;

import lateen.decision.config.NetworkFilter.ServerHeader;
import lateen.proxy.http1.KnownHeader;
import lateen.proxy.http1.ResponseHead;
import lateen.proxy.program.HttpProgram;
import lateen.proxy.program.RouteProgram.CompiledRoute;

/** What the connection manager does to a host's response before the client gets it. */
final class ResponseHeaders {
    private ResponseHeaders() {}

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
