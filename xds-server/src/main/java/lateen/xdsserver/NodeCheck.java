package lateen.xdsserver;

import lateen.identity.SpiffeId;
import org.jspecify.annotations.Nullable;

/** Whether a proxy is who it says it is; asked once for each stream. */
@FunctionalInterface
public interface NodeCheck {

    /** Why the stream is refused, in words for the operator; null: it is not. */
    @Nullable
    String refusal(ProxyNode node);

    /** For a port with client certificates: the node's namespace and service account must be the certificate's. */
    static NodeCheck authenticated() {
        return node -> {
            SpiffeId identity = node.identity();
            return identity == null ? "no client certificate (expected: one of this mesh)" : mismatch(node, identity);
        };
    }

    /** For a plaintext port: anyone; where there is an identity after all, it must be the node's. */
    static NodeCheck anonymousAllowed() {
        return node -> {
            SpiffeId identity = node.identity();
            return identity == null ? null : mismatch(node, identity);
        };
    }

    /**
     * For a plaintext port of a mesh: only gRPC's own xDS clients, which are told where services run. A sidecar's
     * configuration has the policies of its workload in it.
     */
    static NodeCheck proxylessOnly() {
        return node -> node.proxyless()
                ? anonymousAllowed().refusal(node)
                : "GENERATOR: '" + node.text("GENERATOR") + "' (expected: 'grpc' on a plaintext port; everybody else"
                        + " shows a certificate on the TLS port)";
    }

    private static @Nullable String mismatch(ProxyNode node, SpiffeId identity) {
        if (!identity.namespace().equals(node.namespace())) {
            return differs("NAMESPACE", node.namespace(), identity.namespace(), identity);
        }
        if (!node.idNamespace().isEmpty() && !identity.namespace().equals(node.idNamespace())) {
            return differs("namespace in the node id", node.idNamespace(), identity.namespace(), identity);
        }
        if (!identity.serviceAccount().equals(node.serviceAccount())) {
            return differs("SERVICE_ACCOUNT", node.serviceAccount(), identity.serviceAccount(), identity);
        }
        return null;
    }

    private static String differs(String what, String stated, String expected, SpiffeId identity) {
        return what + ": '" + stated + "' (expected: '" + expected + "', as the certificate says: " + identity + ")";
    }
}
