package lateen.control.source;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import lateen.decision.net.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * Kubernetes: {@code v1 Service}.
 *
 * @param clusterIps its own addresses, at most one of each family; empty: stable ones are given
 * @param families of the addresses that are given, {@code IPv4} and {@code IPv6}; empty: both
 * @param selector labels of its workloads; empty: it has none
 */
public record KubeService(
        ObjectMeta meta,
        List<IpAddress> clusterIps,
        List<String> families,
        List<Port> ports,
        Map<String, String> selector)
        implements ConfigObject {

    public KubeService {
        clusterIps = List.copyOf(clusterIps);
        families = List.copyOf(families);
        ports = List.copyOf(ports);
        selector = Map.copyOf(selector);
    }

    @Override
    public String kind() {
        return "Service";
    }

    /**
     * @param name empty when there is only one
     * @param target number or name of the workload's port; null: the same number
     * @param appProtocol null: told by the port's name
     */
    public record Port(
            String name,
            int port,
            @Nullable String target,
            @Nullable String appProtocol,
            Transport transport,
            Origin origin,
            String path) {}

    /** Kubernetes: {@code ServicePort.protocol}. */
    public enum Transport {
        TCP,
        UDP
    }

    private enum Type {
        ClusterIP
    }

    private enum Affinity {
        None
    }

    private enum TrafficPolicy {
        Cluster
    }

    private enum FamilyPolicy {
        SingleStack,
        PreferDualStack,
        RequireDualStack
    }

    static KubeService read(ObjectMeta meta, FieldReader object) {
        FieldReader spec = object.childOrEmpty("spec");
        List<IpAddress> addresses = clusterIps(spec);
        List<String> families = spec.texts("ipFamilies", TextRule.oneOf("IPv4", "IPv6"));
        spec.choice("ipFamilyPolicy", FamilyPolicy.class, FamilyPolicy.PreferDualStack);
        List<Port> ports = spec.list("ports", KubeService::port);
        Map<String, String> selector = spec.textMap("selector");
        spec.choice("type", Type.class, Type.ClusterIP);
        spec.choice("sessionAffinity", Affinity.class, Affinity.None);
        spec.choice("internalTrafficPolicy", TrafficPolicy.class, TrafficPolicy.Cluster);
        if (!spec.has("ports")) {
            spec.missing("ports", "at least one port");
        }
        checkPorts(ports, spec);
        spec.end();
        return new KubeService(meta, addresses, families, ports, selector);
    }

    private static List<IpAddress> clusterIps(FieldReader spec) {
        TextRule rule = new TextRule(
                "an address, or nothing for a stable one of ours; headless Services are not supported yet",
                TextRule.ADDRESS.holds());
        String one = spec.text("clusterIP", rule);
        Set<String> all = new LinkedHashSet<>();
        if (one != null) {
            all.add(one);
        }
        all.addAll(spec.texts("clusterIPs", rule));
        List<IpAddress> addresses =
                all.stream().map(IpAddress::parse).distinct().toList();
        if (addresses.stream().map(IpAddress::v6).distinct().count() < addresses.size()) {
            spec.problems()
                    .error(spec.origin("clusterIPs"), spec.path("clusterIPs"), addresses + " (expected: one a family)");
        }
        return addresses;
    }

    private static Port port(FieldReader in) {
        String name = in.text("name", TextRule.LABEL_NAME, "");
        int port = in.integer("port", 1, 65535, 0);
        if (!in.has("port")) {
            in.missing("port", "a number, 1..65535");
        }
        String target = target(in);
        Transport transport = in.choice("protocol", Transport.class, Transport.TCP);
        String appProtocol = in.text("appProtocol", TextRule.NOT_EMPTY);
        in.unsupported("nodePort");
        in.end();
        return new Port(name, port, target, appProtocol, transport, in.origin(), in.path("name"));
    }

    /** Kubernetes: IntOrString. */
    private static @Nullable String target(FieldReader in) {
        return switch (in.node("targetPort")) {
            case null -> null;
            case YamlNode.Scalar s when s.isNumber() -> String.valueOf(in.integer("targetPort", 1, 65535, 1));
            case YamlNode _ -> in.text("targetPort", TextRule.LABEL_NAME);
        };
    }

    private static void checkPorts(List<Port> ports, FieldReader spec) {
        List<String> names = new ArrayList<>();
        List<String> numbers = new ArrayList<>();
        for (Port port : ports) {
            if (ports.size() > 1 && port.name().isEmpty()) {
                spec.problems().error(port.origin(), port.path(), "is missing (expected: a name on each of several)");
            } else if (!port.name().isEmpty() && names.contains(port.name())) {
                spec.problems().error(port.origin(), port.path(), '"' + port.name() + "\" is there twice");
            }
            String number = port.port() + "/" + port.transport();
            if (numbers.contains(number)) {
                spec.problems()
                        .error(port.origin(), port.path().replaceAll("name$", "port"), number + " is there twice");
            }
            names.add(port.name());
            numbers.add(number);
        }
    }

    /** Whether an address of this family is to be given. */
    public boolean wants(boolean v6) {
        return clusterIps.isEmpty() && (families.isEmpty() || families.contains(v6 ? "IPv6" : "IPv4"));
    }

    @Override
    public String toString() {
        return "Service " + Objects.toString(meta.key());
    }
}
