package lateen.control.translate;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import lateen.control.registry.MeshSettings;
import lateen.control.registry.MeshSnapshot;
import lateen.control.registry.Policies;
import lateen.control.registry.Protocol;
import lateen.control.registry.ProviderLookup;
import lateen.control.registry.Routing;
import lateen.control.registry.Service;
import lateen.control.registry.Workload;
import lateen.control.source.AuthorizationPolicy;
import lateen.control.source.EnvoyFilter.Patch;
import lateen.control.source.PatchMatch.Context;

/** All that the resources of a proxy depend on. Equal inputs give equal resources. */
public record TranslationInput(Outbound outbound, Inbound inbound) {

    /**
     * @param namespace of the proxy: its services are known by their short names
     * @param labels of the proxy that some route asks for
     * @param services by host
     * @param patches of the outbound side of this proxy, in the order of application
     */
    public record Outbound(
            String namespace,
            Map<String, String> labels,
            List<Service> services,
            Routing routing,
            List<Patch> patches,
            MeshSettings settings) {
        public Outbound {
            patches = List.copyOf(patches);
            labels = Map.copyOf(labels);
            services = List.copyOf(services);
        }

        /** By what the outbound side of two proxies can differ within one snapshot. */
        public Caller caller() {
            return new Caller(namespace, labels);
        }
    }

    /** A proxy as routing sees it. */
    public record Caller(String namespace, Map<String, String> labels) {}

    /**
     * @param ports on which a service reaches this workload, ascending
     * @param policies that hold here
     * @param providers that they name
     * @param patches of the inbound side of this proxy, in the order of application
     */
    public record Inbound(
            List<InboundPort> ports,
            Policies.Mtls mtls,
            List<AuthorizationPolicy> policies,
            SortedMap<String, ProviderLookup> providers,
            List<Patch> patches,
            MeshSettings settings) {
        public Inbound {
            ports = List.copyOf(ports);
            policies = List.copyOf(policies);
            patches = List.copyOf(patches);
            providers = Collections.unmodifiableSortedMap(new TreeMap<>(providers));
        }
    }

    /**
     * @param port on which the workload listens
     * @param servicePort by which it is reached
     * @param protocol that it speaks
     * @param service through which it is reached; of several the first by host
     */
    public record InboundPort(
            int port, int servicePort, Protocol protocol, String service, String name, String namespace) {}

    public static TranslationInput of(ProxyFacts proxy, MeshSnapshot mesh) {
        Workload workload = mesh.workload(proxy.namespace(), proxy.serviceAccount(), proxy.addresses());
        Map<String, String> labels = workload == null ? proxy.labels() : workload.labels();
        List<AuthorizationPolicy> policies = mesh.policies().authorizations(proxy.namespace(), labels);
        SortedMap<String, ProviderLookup> providers = new TreeMap<>();
        for (AuthorizationPolicy policy : policies) {
            if (policy.action() == AuthorizationPolicy.Action.CUSTOM) {
                providers.computeIfAbsent(policy.provider(), name -> ProviderLookup.of(name, mesh));
            }
        }
        List<Patch> patches = mesh.policies().patches(proxy.namespace(), labels).stream()
                .filter(p -> p.match().takesVersion(proxy.version()))
                .toList();
        Inbound inbound = new Inbound(
                workload == null ? List.of() : ports(workload, mesh),
                mesh.policies().mtls(proxy.namespace(), labels),
                policies,
                providers,
                side(patches, Context.SIDECAR_INBOUND),
                mesh.settings());
        Outbound outbound = new Outbound(
                proxy.namespace(),
                mesh.routing().thatMatter(labels),
                new ArrayList<>(mesh.services().values()),
                mesh.routing(),
                side(patches, Context.SIDECAR_OUTBOUND),
                mesh.settings());
        return new TranslationInput(outbound, inbound);
    }

    private static List<Patch> side(List<Patch> patches, Context side) {
        return patches.stream()
                .filter(p -> p.match().context() == side || p.match().context() == Context.ANY)
                .toList();
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
                                        port.port(),
                                        port.protocol(),
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
