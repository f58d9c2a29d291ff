package lateen.control.translate;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import lateen.control.registry.MeshSettings;
import lateen.control.registry.MeshSnapshot;
import lateen.control.registry.Policies;
import lateen.control.registry.Service;
import lateen.control.registry.Workload;
import lateen.control.source.AuthorizationPolicy;

/** All that the resources of a proxy depend on. Equal inputs give equal resources. */
public record TranslationInput(Outbound outbound, Inbound inbound) {

    /**
     * @param namespace of the proxy: its services are known by their short names
     * @param services by host
     */
    public record Outbound(String namespace, List<Service> services, MeshSettings settings) {
        public Outbound {
            services = List.copyOf(services);
        }
    }

    /**
     * @param ports on which a service reaches this workload, ascending
     * @param policies that hold here
     */
    public record Inbound(
            List<InboundPort> ports, Policies.Mtls mtls, List<AuthorizationPolicy> policies, MeshSettings settings) {
        public Inbound {
            ports = List.copyOf(ports);
            policies = List.copyOf(policies);
        }
    }

    /**
     * @param port on which the workload listens
     * @param http otherwise opaque bytes
     * @param service through which it is reached; of several the first by host
     */
    public record InboundPort(int port, boolean http, String service, String name, String namespace) {}

    public static TranslationInput of(ProxyFacts proxy, MeshSnapshot mesh) {
        Workload workload = mesh.workload(proxy.namespace(), proxy.serviceAccount(), proxy.addresses());
        Map<String, String> labels = workload == null ? proxy.labels() : workload.labels();
        Inbound inbound = new Inbound(
                workload == null ? List.of() : ports(workload, mesh),
                mesh.policies().mtls(proxy.namespace(), labels),
                mesh.policies().authorizations(proxy.namespace(), labels),
                mesh.settings());
        return new TranslationInput(outbound(proxy.namespace(), mesh), inbound);
    }

    private static Outbound outbound(String namespace, MeshSnapshot mesh) {
        return new Outbound(namespace, new ArrayList<>(mesh.services().values()), mesh.settings());
    }

    private static List<InboundPort> ports(Workload workload, MeshSnapshot mesh) {
        TreeMap<Integer, InboundPort> ports = new TreeMap<>();
        for (Service service : mesh.services().values()) {
            for (Service.Port port : service.ports()) {
                for (Service.Endpoint endpoint : port.endpoints()) {
                    if (endpoint.workload().equals(workload)) {
                        ports.putIfAbsent(
                                endpoint.port(),
                                new InboundPort(
                                        endpoint.port(),
                                        port.protocol().isHttp(),
                                        service.host(),
                                        service.name(),
                                        service.namespace()));
                    }
                }
            }
        }
        return List.copyOf(ports.values());
    }
}
