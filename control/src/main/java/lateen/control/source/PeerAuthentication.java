package lateen.control.source;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Istio: {@code PeerAuthentication}.
 *
 * @param selector labels; empty: the whole namespace, or the mesh when in the root namespace
 * @param portModes mode by the workload's port
 */
public record PeerAuthentication(ObjectMeta meta, Map<String, String> selector, Mode mode, Map<Integer, Mode> portModes)
        implements ConfigObject {

    public PeerAuthentication {
        selector = Map.copyOf(selector);
        portModes = Map.copyOf(portModes);
    }

    @Override
    public String kind() {
        return "PeerAuthentication";
    }

    /** Istio: {@code MutualTLS.Mode}. */
    public enum Mode {
        /** As the wider scope says. */
        UNSET,
        DISABLE,
        PERMISSIVE,
        STRICT
    }

    static PeerAuthentication read(ObjectMeta meta, FieldReader object) {
        FieldReader spec = object.childOrEmpty("spec");
        Map<String, String> selector = selector(spec);
        Mode mode = mode(spec.child("mtls"));
        Map<Integer, Mode> ports = portModes(spec, selector.isEmpty());
        spec.end();
        return new PeerAuthentication(meta, selector, mode, ports);
    }

    /** Istio: {@code WorkloadSelector}. */
    static Map<String, String> selector(FieldReader spec) {
        FieldReader selector = spec.childOrEmpty("selector");
        Map<String, String> labels = selector.textMap("matchLabels");
        selector.end();
        return labels;
    }

    private static Mode mode(@Nullable FieldReader mtls) {
        if (mtls == null) {
            return Mode.UNSET;
        }
        Mode mode = mtls.choice("mode", Mode.class, Mode.UNSET);
        mtls.end();
        return mode;
    }

    private static Map<Integer, Mode> portModes(FieldReader spec, boolean noSelector) {
        FieldReader in = spec.child("portLevelMtls");
        if (in == null) {
            return Map.of();
        }
        if (noSelector) {
            spec.problems()
                    .error(
                            spec.origin("portLevelMtls"),
                            spec.path("portLevelMtls"),
                            "without a selector (expected: spec.selector.matchLabels beside it)");
        }
        Map<Integer, Mode> modes = new LinkedHashMap<>();
        for (String port : in.names()) {
            if (TextRule.PORT.holds().test(port)) {
                modes.put(Integer.parseInt(port), mode(in.child(port)));
            } else {
                in.child(port);
                spec.problems().error(in.origin(port), in.path(port), '"' + port + "\" (expected: a port, 1..65535)");
            }
        }
        return modes;
    }
}
