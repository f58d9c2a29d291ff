package lateen.control.registry;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import lateen.control.source.AuthorizationPolicy;
import lateen.control.source.ConfigObject;
import lateen.control.source.EnvoyFilter;
import lateen.control.source.ObjectMeta;
import lateen.control.source.PeerAuthentication;
import lateen.control.source.PeerAuthentication.Mode;
import org.jspecify.annotations.Nullable;

/**
 * Which policies hold for a workload.
 *
 * @param peerAuthentications oldest first; of several for one scope the oldest holds, as in Istio
 * @param authorizations by namespace and name
 * @param envoyFilters in the order of application: by priority, those of the root namespace first, the oldest first
 */
public record Policies(
        String rootNamespace,
        List<PeerAuthentication> peerAuthentications,
        List<AuthorizationPolicy> authorizations,
        List<EnvoyFilter> envoyFilters) {

    private static final Comparator<ConfigObject> BY_NAME =
            Comparator.comparing(o -> o.meta().key());
    private static final Comparator<ConfigObject> BY_AGE = Comparator.comparing(
                    (ConfigObject o) -> o.meta().created(), Comparator.nullsFirst(Comparator.naturalOrder()))
            .thenComparing(BY_NAME);

    public Policies {
        peerAuthentications = peerAuthentications.stream().sorted(BY_AGE).toList();
        authorizations = authorizations.stream().sorted(BY_NAME).toList();
        envoyFilters = envoyFilters.stream()
                .sorted(Comparator.comparingInt(EnvoyFilter::priority)
                        .thenComparing(f -> !isIn(f.meta(), rootNamespace))
                        .thenComparing(BY_AGE))
                .toList();
    }

    /**
     * The mTLS modes of a workload.
     *
     * @param mode never {@link Mode#UNSET}
     * @param portModes for ports that differ, by the workload's port; never {@link Mode#UNSET}
     */
    public record Mtls(Mode mode, Map<Integer, Mode> portModes) {
        public Mtls {
            portModes = Map.copyOf(portModes);
        }

        public Mode on(int port) {
            return portModes.getOrDefault(port, mode);
        }
    }

    /** Istio's order: workload, namespace, mesh, else {@link Mode#PERMISSIVE}; UNSET asks the wider scope. */
    public Mtls mtls(String namespace, Map<String, String> labels) {
        Mode mesh = mode(scope(rootNamespace), Mode.PERMISSIVE);
        Mode wide = namespace.equals(rootNamespace) ? mesh : mode(scope(namespace), mesh);
        PeerAuthentication own = workloadScope(namespace, labels);
        Mode mode = mode(own, wide);
        Map<Integer, Mode> ports = new HashMap<>();
        if (own != null) {
            own.portModes().forEach((port, m) -> {
                if (m != Mode.UNSET && m != mode) {
                    ports.put(port, m);
                }
            });
        }
        return new Mtls(mode, ports);
    }

    /** Those of the root namespace and of its own whose selector takes it. */
    public List<AuthorizationPolicy> authorizations(String namespace, Map<String, String> labels) {
        return authorizations.stream()
                .filter(p -> isIn(p.meta(), namespace) || isIn(p.meta(), rootNamespace))
                .filter(p -> Workload.selects(p.selector(), labels))
                .toList();
    }

    /** Of the filters that hold for a workload. */
    public List<EnvoyFilter.Patch> patches(String namespace, Map<String, String> labels) {
        return envoyFilters.stream()
                .filter(f -> isIn(f.meta(), namespace) || isIn(f.meta(), rootNamespace))
                .filter(f -> Workload.selects(f.selector(), labels))
                .flatMap(f -> f.patches().stream())
                .toList();
    }

    private @Nullable PeerAuthentication scope(String namespace) {
        return peerAuthentications.stream()
                .filter(p -> p.selector().isEmpty() && isIn(p.meta(), namespace))
                .findFirst()
                .orElse(null);
    }

    /** One with a selector in the root namespace is for nobody else's workloads (Istio: a workload-level policy there is not taken). */
    private @Nullable PeerAuthentication workloadScope(String namespace, Map<String, String> labels) {
        return peerAuthentications.stream()
                .filter(p -> !p.selector().isEmpty() && isIn(p.meta(), namespace))
                .filter(p -> !namespace.equals(rootNamespace))
                .filter(p -> Workload.selects(p.selector(), labels))
                .findFirst()
                .orElse(null);
    }

    private static Mode mode(@Nullable PeerAuthentication policy, Mode wider) {
        return policy == null || policy.mode() == Mode.UNSET ? wider : policy.mode();
    }

    private static boolean isIn(ObjectMeta meta, String namespace) {
        return meta.namespace().equals(namespace);
    }
}
