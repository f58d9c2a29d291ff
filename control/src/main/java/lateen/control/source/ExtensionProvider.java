package lateen.control.source;

import io.envoyproxy.envoy.type.v3.StatusCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Istio: {@code MeshConfig.ExtensionProvider} with {@code envoyExtAuthzGrpc}, a server that authorizes requests.
 *
 * @param namespace of the service; empty: any
 * @param host of the service
 * @param timeout of one question
 * @param failOpen a request passes when the server does not answer
 * @param statusOnError of the answer when the server does not answer; null: Envoy's own, 403
 * @param body how much of the request's body is sent along; null: nothing
 */
public record ExtensionProvider(
        String name,
        String namespace,
        String host,
        int port,
        Duration timeout,
        boolean failOpen,
        @Nullable Integer statusOnError,
        @Nullable RequestBody body,
        Origin origin,
        String path) {

    /** Istio's: long, so that whoever wants another one says so. */
    private static final Duration NO_TIMEOUT_GIVEN = Duration.ofMinutes(10);

    private static final TextRule STATUS = new TextRule(
            "text with a status of Envoy's, as in \"403\"",
            s -> s.length() == 3
                    && s.chars().allMatch(Character::isDigit)
                    && Integer.parseInt(s) >= 200
                    && StatusCode.forNumber(Integer.parseInt(s)) != null);

    /**
     * Istio: {@code includeRequestBodyInCheck}.
     *
     * @param maxBytes of which no more is sent
     * @param allowPartial a longer body is cut; otherwise such a request is refused
     * @param packAsBytes sent as bytes instead of text
     */
    public record RequestBody(int maxBytes, boolean allowPartial, boolean packAsBytes) {}

    static List<ExtensionProvider> read(FieldReader mesh) {
        List<ExtensionProvider> all = mesh.list("extensionProviders", ExtensionProvider::provider);
        List<ExtensionProvider> out = new ArrayList<>();
        for (ExtensionProvider each : all) {
            if (out.stream().anyMatch(p -> p.name.equals(each.name))) {
                mesh.problems().error(each.origin, each.path, '"' + each.name + "\" is there twice");
            }
            out.add(each);
        }
        return out;
    }

    private static ExtensionProvider provider(FieldReader in) {
        String name = in.required("name", TextRule.NOT_EMPTY);
        in.unsupported(
                "envoyExtAuthzHttp", "zipkin", "lightstep", "datadog", "stackdriver", "opencensus", "skywalking");
        in.unsupported(
                "opentelemetry", "prometheus", "envoyFileAccessLog", "envoyHttpAls", "envoyTcpAls", "envoyOtelAls");
        if (in.names().stream().allMatch("name"::equals)) {
            in.missing("envoyExtAuthzGrpc", "a map with service and port");
        }
        FieldReader grpc = in.childOrEmpty("envoyExtAuthzGrpc");
        in.end();
        String service = grpc.required("service", new TextRule("host or namespace/host", ExtensionProvider::isService));
        int port = grpc.integer("port", 1, 65535, 0);
        if (!grpc.has("port")) {
            grpc.missing("port", "a number, 1..65535");
        }
        Duration timeout = grpc.durationOrNull("timeout", Duration.ofMillis(1));
        boolean failOpen = grpc.flag("failOpen", false);
        String status = grpc.text("statusOnError", STATUS);
        RequestBody body = body(grpc.child("includeRequestBodyInCheck"));
        grpc.unsupported("clearRouteCache");
        grpc.end();
        int slash = service.indexOf('/');
        return new ExtensionProvider(
                name,
                slash < 0 ? "" : service.substring(0, slash),
                service.substring(slash + 1),
                port,
                timeout == null ? NO_TIMEOUT_GIVEN : timeout,
                failOpen,
                status == null ? null : Integer.valueOf(status),
                body,
                in.origin(),
                in.path());
    }

    private static @Nullable RequestBody body(@Nullable FieldReader in) {
        if (in == null) {
            return null;
        }
        int bytes = in.integer("maxRequestBytes", 1, Integer.MAX_VALUE, 0);
        if (!in.has("maxRequestBytes")) {
            in.missing("maxRequestBytes", "a number, 1 or more");
        }
        RequestBody body = new RequestBody(bytes, in.flag("allowPartialMessage", false), in.flag("packAsBytes", false));
        in.end();
        return body;
    }

    private static boolean isService(String text) {
        int slash = text.indexOf('/');
        boolean namespace = slash < 0 || TextRule.LABEL_NAME.holds().test(text.substring(0, slash));
        return namespace && TextRule.OBJECT_NAME.holds().test(text.substring(slash + 1));
    }
}
