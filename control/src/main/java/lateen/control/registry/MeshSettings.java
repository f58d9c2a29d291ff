package lateen.control.registry;

import java.util.List;
import java.util.SequencedMap;
import lateen.control.source.ExtensionProvider;
import lateen.control.source.MeshConfig;
import org.jspecify.annotations.Nullable;

/**
 * What holds for the whole mesh.
 *
 * @param trustDomain of every identity
 * @param rootNamespace whose policies hold for all namespaces
 * @param domain suffix of service names
 * @param providers that policies may name
 */
public record MeshSettings(
        String trustDomain,
        String rootNamespace,
        String domain,
        AccessLog accessLog,
        List<ExtensionProvider> providers) {

    public MeshSettings {
        providers = List.copyOf(providers);
    }

    /** Istio's names. */
    public static final String ROOT_NAMESPACE = "istio-system";

    public static MeshSettings defaults(String trustDomain) {
        return new MeshSettings(trustDomain, ROOT_NAMESPACE, "cluster.local", AccessLog.DEFAULT, List.of());
    }

    /**
     * @param file empty: none
     * @param text Envoy's operators; null: JSON
     * @param json operators by key; null: the default keys, or text
     * @param identities the default keys and those of both peers
     */
    public record AccessLog(
            String file, @Nullable String text, @Nullable SequencedMap<String, String> json, boolean identities) {

        public static final AccessLog DEFAULT = new AccessLog("/dev/stdout", null, null, false);

        static AccessLog of(MeshConfig mesh) {
            String file = mesh.accessLogFile();
            return switch (mesh.encoding()) {
                case TEXT -> new AccessLog(file, mesh.accessLogFormat(), null, false);
                case JSON ->
                    mesh.jsonFormat().isEmpty()
                            ? new AccessLog(file, null, null, mesh.logIdentities())
                            : new AccessLog(file, null, mesh.jsonFormat(), false);
            };
        }
    }
}
