package lateen.control.translate;

import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import lateen.control.registry.Service;
import lateen.control.source.DestinationRule;
import lateen.control.source.PatchMatch.Context;

/** Input → messages. Pure; equal inputs give equal bytes. */
public final class Translation {

    private Translation() {}

    /** Listeners, routes, clusters and endpoints towards the services of the mesh and what is beyond it. */
    public static ProxyResources outbound(TranslationInput.Outbound input) {
        MeshTls tls = new MeshTls(input.settings().trustDomain());
        List<Cluster> clusters = new ArrayList<>();
        List<ClusterLoadAssignment> endpoints = new ArrayList<>();
        for (Service service : input.services()) {
            DestinationRule rule = input.routing().destinationRule(service, input.namespace());
            for (Service.Port port : service.ports()) {
                clusters.add(Clusters.outbound(service, port, rule, null, tls));
                endpoints.add(Endpoints.of(service, port, "", Map.of()));
                for (DestinationRule.Subset subset :
                        rule == null ? List.<DestinationRule.Subset>of() : rule.subsets()) {
                    clusters.add(Clusters.outbound(service, port, rule, subset, tls));
                    endpoints.add(Endpoints.of(service, port, subset.name(), subset.labels()));
                }
            }
        }
        clusters.add(Clusters.passthrough());
        clusters.add(Clusters.blackHole());
        Destinations destinations = new Destinations(input.routing(), input.services());
        ProxyResources resources = new ProxyResources(
                clusters,
                endpoints,
                new OutboundListeners(input.settings().accessLog(), new TcpRoutes(input, destinations))
                        .build(input.services()),
                new OutboundRoutes(input, destinations).build());
        return new EnvoyPatches(Context.SIDECAR_OUTBOUND, input.patches()).apply(resources);
    }

    /** The same for a gRPC client without a sidecar. */
    public static ProxyResources proxyless(TranslationInput.Outbound input) {
        return Proxyless.resources(input);
    }

    /** The listener that takes what comes in, and the clusters towards the application. */
    public static ProxyResources inbound(TranslationInput.Inbound input) {
        List<Cluster> clusters = new ArrayList<>();
        for (TranslationInput.InboundPort port : input.ports()) {
            clusters.add(Clusters.inbound(port));
        }
        clusters.add(Clusters.inboundPassthrough());
        ProxyResources resources =
                new ProxyResources(clusters, List.of(), List.of(new InboundListener(input).build()), List.of());
        return new EnvoyPatches(Context.SIDECAR_INBOUND, input.patches()).apply(resources);
    }
}
