package lateen.control.registry;

import java.util.List;
import java.util.TreeSet;
import lateen.control.source.AuthorizationPolicy;
import lateen.control.source.AuthorizationPolicy.Action;
import lateen.control.source.ExtensionProvider;
import lateen.control.source.MeshConfig;
import lateen.control.source.Problems;
import org.jspecify.annotations.Nullable;

/** The names that policies give to authorization servers → services of the mesh. */
public sealed interface ProviderLookup {

    /**
     * @param host of the service, which the mesh has with this port
     */
    record Found(ExtensionProvider provider, String host) implements ProviderLookup {}

    /** Whatever a policy puts to it is refused. */
    record Unusable(String name, String reason) implements ProviderLookup {}

    /** Istio: of a name without a namespace the host decides alone. */
    static ProviderLookup of(String name, MeshSnapshot mesh) {
        List<ExtensionProvider> providers = mesh.settings().providers();
        for (ExtensionProvider provider : providers) {
            if (provider.name().equals(name)) {
                Service service = mesh.services().get(provider.host());
                String fault = fault(provider, service);
                return fault == null ? new Found(provider, provider.host()) : new Unusable(name, fault);
            }
        }
        return new Unusable(
                name,
                "there is no extension provider \"" + name + "\" (expected: one of "
                        + new TreeSet<>(
                                providers.stream().map(ExtensionProvider::name).toList())
                        + ", as MeshConfig has them)");
    }

    private static @Nullable String fault(ExtensionProvider provider, @Nullable Service service) {
        String at = "extension provider \"" + provider.name() + "\" (" + provider.origin() + ")";
        if (service == null
                || (!provider.namespace().isEmpty() && !provider.namespace().equals(service.namespace()))) {
            String in = provider.namespace().isEmpty() ? "" : " in namespace \"" + provider.namespace() + "\"";
            return at + ": the mesh has no service \"" + provider.host() + "\"" + in;
        }
        return port(provider, service) == null
                ? at + ": service \"" + provider.host() + "\" has no port " + provider.port()
                : null;
    }

    private static Service.@Nullable Port port(ExtensionProvider provider, Service service) {
        return service.ports().stream()
                .filter(p -> p.port() == provider.port())
                .findFirst()
                .orElse(null);
    }

    /** What a policy asks of a server that is not there is refused, as in Istio, and must not go unnoticed. */
    static void report(MeshSnapshot mesh, @Nullable MeshConfig config, Problems problems) {
        for (ExtensionProvider provider : mesh.settings().providers()) {
            Service service = mesh.services().get(provider.host());
            Service.Port port = service == null ? null : port(provider, service);
            if (config != null && port != null && port.protocol() != Protocol.HTTP2) {
                problems.error(
                        config.meta(),
                        provider.origin(),
                        provider.path() + ".envoyExtAuthzGrpc.port",
                        provider.port() + " of \"" + provider.host() + "\" (" + port.origin()
                                + ") is not HTTP/2, which gRPC needs (expected: a port named grpc or grpc-…, or with"
                                + " appProtocol grpc, http2 or kubernetes.io/h2c)");
            }
        }
        for (AuthorizationPolicy policy : mesh.policies().authorizations()) {
            if (policy.action() == Action.CUSTOM
                    && of(policy.provider(), mesh) instanceof Unusable(String _, String reason)) {
                problems.warn(
                        policy.meta().at("spec.provider.name"),
                        "spec.provider.name",
                        reason + ": every request that the policy is about is refused");
            }
        }
    }
}
