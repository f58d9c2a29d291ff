package lateen.proxy.http;

import java.nio.charset.StandardCharsets;
import java.util.Objects;
import lateen.decision.config.RouteConfig.RouteAction.Redirect;
import lateen.decision.request.ByteSlice;
import lateen.decision.request.RequestView;
import lateen.proxy.program.RouteProgram.CompiledRoute;

/** The {@code location} of a redirect. Envoy: {@code RedirectAction}. */
final class Redirects {
    private Redirects() {}

    static byte[] location(Redirect to, CompiledRoute route, RequestView request) {
        String scheme = Objects.requireNonNullElse(to.scheme(), request.scheme().toString());
        String authority = request.authority().toString();
        String host = Objects.requireNonNullElse(to.host(), authority);
        if (to.port() != 0) {
            int colon = host.lastIndexOf(':');
            host = (colon > host.lastIndexOf(']') ? host.substring(0, colon) : host) + ":" + to.port();
        }
        String path = path(to, route, request.path());
        if (to.stripQuery()) {
            int query = path.indexOf('?');
            path = query < 0 ? path : path.substring(0, query);
        }
        return (scheme + "://" + host + path).getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String path(Redirect to, CompiledRoute route, ByteSlice path) {
        String asked = path.toString();
        if (to.path() != null) {
            int query = asked.indexOf('?');
            return to.path().indexOf('?') >= 0 || query < 0 ? to.path() : to.path() + asked.substring(query);
        }
        if (route.rewrite() != null) {
            byte[] out = new byte[route.rewrite().length(path)];
            return new String(out, 0, route.rewrite().write(path, out, 0), StandardCharsets.ISO_8859_1);
        }
        return asked;
    }
}
