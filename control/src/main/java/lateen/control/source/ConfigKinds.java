package lateen.control.source;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** The kinds of objects, with the versions of their group and their parser. A new kind is one more line here. */
final class ConfigKinds {

    private static final List<String> CORE = List.of("v1");
    private static final List<String> NETWORKING =
            List.of("networking.istio.io/v1", "networking.istio.io/v1beta1", "networking.istio.io/v1alpha3");
    private static final List<String> SECURITY = List.of("security.istio.io/v1", "security.istio.io/v1beta1");

    /** Lateen's own: what {@code lateen up} runs. */
    private static final List<String> LOCAL = List.of("local.lateen.dev/v1alpha1");

    /** Whose objects have names that are DNS labels. */
    private static final List<String> LABEL_NAMED = List.of("Service", "Namespace");

    private static final Map<String, Kind> SUPPORTED = new TreeMap<>(Map.of(
            "Service", new Kind(CORE, KubeService::read),
            "Namespace", new Kind(CORE, NamespaceObject::read),
            "ConfigMap", new Kind(CORE, MeshConfig::read),
            "WorkloadEntry", new Kind(NETWORKING, WorkloadEntry::read),
            "VirtualService", new Kind(NETWORKING, VirtualService::read),
            "DestinationRule", new Kind(NETWORKING, DestinationRule::read),
            "PeerAuthentication", new Kind(SECURITY, PeerAuthentication::read),
            "AuthorizationPolicy", new Kind(SECURITY, AuthorizationPolicy::read),
            "EnvoyFilter", new Kind(List.of("networking.istio.io/v1alpha3"), EnvoyFilter::read),
            "LocalWorkload", new Kind(LOCAL, LocalWorkloadObject::read)));

    private static final List<String> GUARDS =
            List.of("AuthorizationPolicy", "PeerAuthentication", "ConfigMap", "EnvoyFilter");

    /** Known to the mesh's APIs and not done yet: named in the refusal, so that it does not read like a typing error. */
    private static final List<String> NOT_YET = List.of(
            "ServiceEntry",
            "Gateway",
            "Sidecar",
            "WorkloadGroup",
            "ProxyConfig",
            "RequestAuthentication",
            "Telemetry",
            "WasmPlugin",
            "TrafficExtension",
            "GatewayClass",
            "ListenerSet",
            "HTTPRoute",
            "GRPCRoute",
            "TLSRoute",
            "TCPRoute",
            "ReferenceGrant",
            "BackendTLSPolicy",
            "Endpoints",
            "EndpointSlice",
            "Pod",
            "Node",
            "ServiceAccount",
            "Secret");

    record Kind(List<String> versions, BiFunction<ObjectMeta, FieldReader, ConfigObject> parser) {}

    private ConfigKinds() {}

    /** The parser's row, or null after the fault was reported. */
    static @Nullable Kind find(FieldReader object) {
        String version = object.required("apiVersion", TextRule.NOT_EMPTY);
        String name = object.required("kind", TextRule.NOT_EMPTY);
        Kind kind = SUPPORTED.get(name);
        if (version.isEmpty() || name.isEmpty()) {
            return null;
        }
        String supported = " (expected: " + String.join(", ", SUPPORTED.keySet()) + ")";
        if (kind == null) {
            String what = NOT_YET.contains(name) ? "\" is not supported yet" : "\" is unknown";
            object.problems().error(object.origin("kind"), "kind", '"' + name + what + supported);
            return null;
        }
        if (!kind.versions.contains(version)) {
            String expected = " (expected: " + String.join(", ", kind.versions) + ")";
            object.problems().error(object.origin("apiVersion"), "apiVersion", '"' + version + '"' + expected);
            return null;
        }
        return kind;
    }

    /** Whose absence can let in what was to be kept out. */
    static boolean isGuard(String kind) {
        return GUARDS.contains(kind);
    }

    static TextRule nameRule(String kind) {
        return LABEL_NAMED.contains(kind) ? TextRule.LABEL_NAME : TextRule.OBJECT_NAME;
    }
}
