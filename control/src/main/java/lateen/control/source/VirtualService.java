package lateen.control.source;

import java.util.List;

/**
 * Istio: {@code VirtualService}, as far as it is for sidecars.
 *
 * @param hosts as written: a name without a dot is one of the object's namespace
 * @param mesh it holds for sidecars, and not for gateways only
 * @param http in order of precedence
 * @param tcp in order of precedence
 */
public record VirtualService(
        ObjectMeta meta, List<String> hosts, ExportTo exportTo, boolean mesh, List<HttpRoute> http, List<TcpRoute> tcp)
        implements ConfigObject {

    /** Istio's name for all sidecars. */
    static final String MESH = "mesh";

    public VirtualService {
        hosts = List.copyOf(hosts);
        http = List.copyOf(http);
        tcp = List.copyOf(tcp);
    }

    @Override
    public String kind() {
        return "VirtualService";
    }

    static VirtualService read(ObjectMeta meta, FieldReader object) {
        FieldReader spec = object.childOrEmpty("spec");
        List<String> hosts = spec.texts("hosts", TextRule.HOST_PATTERN);
        if (hosts.isEmpty() && !spec.has("hosts")) {
            spec.missing("hosts", "at least one host");
        }
        List<String> gateways = spec.texts("gateways", TextRule.NOT_EMPTY);
        reportGateways(spec, gateways);
        ExportTo exportTo = ExportTo.read(spec);
        List<HttpRoute> http = spec.list("http", HttpRoute::read);
        List<TcpRoute> tcp = spec.list("tcp", TcpRoute::read);
        spec.unsupported("tls");
        spec.end();
        if (http.isEmpty() && tcp.isEmpty() && !spec.has("http") && !spec.has("tcp")) {
            spec.missing("http", "http or tcp routes");
        }
        boolean mesh = gateways.isEmpty() || gateways.contains(MESH);
        return new VirtualService(meta, hosts, exportTo, mesh, http, tcp);
    }

    static void reportGateways(FieldReader in, List<String> gateways) {
        for (int i = 0; i < gateways.size(); i++) {
            if (!gateways.get(i).equals(MESH)) {
                in.problems()
                        .warn(
                                in.origin("gateways"),
                                in.path("gateways") + "[" + i + "]",
                                '"' + gateways.get(i) + "\" has no effect: gateways are not supported yet (expected: "
                                        + MESH + ")");
            }
        }
    }
}
