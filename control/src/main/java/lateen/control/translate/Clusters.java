package lateen.control.translate;

import com.google.protobuf.Duration;
import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.AggregatedConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.BindConfig;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.ExtraSourceAddress;
import io.envoyproxy.envoy.config.core.v3.Http1ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.Http2ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import java.util.List;
import java.util.Map;
import lateen.control.registry.Protocol;
import lateen.control.registry.Service;
import lateen.control.source.ConnectionPool;
import lateen.control.source.DestinationRule;
import lateen.control.source.TrafficPolicy;
import org.jspecify.annotations.Nullable;

/** Where traffic goes. */
final class Clusters {

    /** Capture rules leave connections of these sources alone, so that they reach the application and not us again. */
    private static final String INBOUND_SOURCE_V4 = "127.0.0.6";

    private static final String INBOUND_SOURCE_V6 = "::6";
    private static final CircuitBreakers NO_LIMITS = CircuitBreakers.newBuilder()
            .addThresholds(TrafficPolicies.thresholds(ConnectionPool.NONE))
            .build();
    private static final Duration CONNECT_TIMEOUT =
            Duration.newBuilder().setSeconds(10).build();

    static final String HTTP_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
    static final HttpProtocolOptions HTTP2 = HttpProtocolOptions.newBuilder()
            .setExplicitHttpConfig(HttpProtocolOptions.ExplicitHttpConfig.newBuilder()
                    .setHttp2ProtocolOptions(Http2ProtocolOptions.getDefaultInstance()))
            .build();

    /** In the version of HTTP that the client chose: what nobody has said about the application, it knows. */
    private static final HttpProtocolOptions AS_CLIENT = HttpProtocolOptions.newBuilder()
            .setUseDownstreamProtocolConfig(HttpProtocolOptions.UseDownstreamHttpConfig.newBuilder()
                    .setHttpProtocolOptions(Http1ProtocolOptions.getDefaultInstance())
                    .setHttp2ProtocolOptions(Http2ProtocolOptions.getDefaultInstance()))
            .build();

    private Clusters() {}

    /**
     * A service's port, or a subset of it.
     *
     * @param rule null: none
     * @param subset of the rule; null: all of the service
     */
    static Cluster outbound(
            Service service,
            Service.Port port,
            @Nullable DestinationRule rule,
            DestinationRule.@Nullable Subset subset,
            MeshTls tls) {
        String subsetName = subset == null ? "" : subset.name();
        String name = XdsNames.outbound(service.host(), port.port(), subsetName);
        TrafficPolicy policy = TrafficPolicies.of(rule, subset, port.port());
        Cluster.Builder out = base(name).setMetadata(metadata(service, rule, subsetName));
        boolean upgraded = policy.pool() != null
                && policy.pool().http2Upgrade()
                && port.protocol().isHttp();
        Protocol protocol = upgraded ? Protocol.HTTP2 : port.protocol();
        TrafficPolicies.apply(policy, protocol == Protocol.HTTP2, out);
        if (policy.balancer() == TrafficPolicy.LoadBalancer.PASSTHROUGH) {
            out.setType(Cluster.DiscoveryType.ORIGINAL_DST);
        } else {
            out.setType(Cluster.DiscoveryType.EDS)
                    .setEdsClusterConfig(Cluster.EdsClusterConfig.newBuilder()
                            .setServiceName(name)
                            .setEdsConfig(ads()));
        }
        String sni = XdsNames.sni(service, port, subsetName);
        switch (policy.tls()) {
            case TrafficPolicy.ClientTls.Plaintext() -> {}
            case TrafficPolicy.ClientTls.MeshMutual(String ownSni, List<String> names) -> {
                String server = ownSni == null ? sni : ownSni;
                out.setTransportSocket(
                        names.isEmpty()
                                ? tls.client(protocol, server, service.accounts())
                                : tls.client(protocol, server, names));
            }
            case null -> byEndpoint(tls.client(protocol, sni, service.accounts()), out);
        }
        return out.build();
    }

    /** mTLS to endpoints that say they take it, plaintext to the others. */
    private static void byEndpoint(TransportSocket mutual, Cluster.Builder out) {
        out.addTransportSocketMatches(Cluster.TransportSocketMatch.newBuilder()
                        .setName("tlsMode-istio")
                        .setMatch(Pack.struct(Map.of("tlsMode", "istio")))
                        .setTransportSocket(mutual))
                .addTransportSocketMatches(Cluster.TransportSocketMatch.newBuilder()
                        .setName("tlsMode-disabled")
                        .setMatch(Struct.getDefaultInstance())
                        .setTransportSocket(MeshTls.plaintext()));
    }

    /** Istio's: the service, the rule that was applied, the subset. */
    private static Metadata metadata(Service service, @Nullable DestinationRule rule, String subset) {
        Metadata.Builder out = serviceMetadata(service.host(), service.name(), service.namespace()).toBuilder();
        Struct.Builder istio = out.getFilterMetadataOrThrow("istio").toBuilder();
        if (rule != null) {
            istio.putAllFields(Pack.origin("destination-rule", rule.meta())
                    .getFilterMetadataOrThrow("istio")
                    .getFieldsMap());
        }
        if (!subset.isEmpty()) {
            istio.putAllFields(Pack.struct(Map.of("subset", subset)).getFieldsMap());
        }
        return out.putFilterMetadata("istio", istio.build()).build();
    }

    /** Towards a service, for a gRPC client that balances by itself. */
    static Cluster proxyless(String name) {
        return Cluster.newBuilder()
                .setName(name)
                .setType(Cluster.DiscoveryType.EDS)
                .setEdsClusterConfig(Cluster.EdsClusterConfig.newBuilder()
                        .setServiceName(name)
                        .setEdsConfig(ads()))
                .setLbPolicy(Cluster.LbPolicy.ROUND_ROBIN)
                .build();
    }

    /** The application behind this sidecar, at the address that was called. */
    static Cluster inbound(TranslationInput.InboundPort port) {
        Cluster.Builder out = towardsApplication(XdsNames.inbound(port.port()))
                .setMetadata(serviceMetadata(port.service(), port.name(), port.namespace()));
        if (port.protocol() == Protocol.HTTP2) {
            out.putTypedExtensionProtocolOptions(HTTP_OPTIONS, Pack.any(HTTP2));
        }
        return out.build();
    }

    static Cluster inboundPassthrough() {
        return towardsApplication(XdsNames.INBOUND_PASSTHROUGH)
                .putTypedExtensionProtocolOptions(HTTP_OPTIONS, Pack.any(AS_CLIENT))
                .build();
    }

    static Cluster passthrough() {
        return originalDestination(XdsNames.PASSTHROUGH)
                .putTypedExtensionProtocolOptions(HTTP_OPTIONS, Pack.any(AS_CLIENT))
                .build();
    }

    /** No endpoints: whatever comes here is closed. */
    static Cluster blackHole() {
        return base(XdsNames.BLACK_HOLE).setType(Cluster.DiscoveryType.STATIC).build();
    }

    static ConfigSource ads() {
        return ConfigSource.newBuilder()
                .setAds(AggregatedConfigSource.getDefaultInstance())
                .setInitialFetchTimeout(Duration.getDefaultInstance())
                .setResourceApiVersion(ApiVersion.V3)
                .build();
    }

    private static Cluster.Builder towardsApplication(String name) {
        return originalDestination(name)
                .setUpstreamBindConfig(BindConfig.newBuilder()
                        .setSourceAddress(SocketAddress.newBuilder()
                                .setAddress(INBOUND_SOURCE_V4)
                                .setPortValue(0))
                        .addExtraSourceAddresses(ExtraSourceAddress.newBuilder()
                                .setAddress(SocketAddress.newBuilder()
                                        .setAddress(INBOUND_SOURCE_V6)
                                        .setPortValue(0))));
    }

    private static Cluster.Builder originalDestination(String name) {
        return base(name).setType(Cluster.DiscoveryType.ORIGINAL_DST).setLbPolicy(Cluster.LbPolicy.CLUSTER_PROVIDED);
    }

    private static Cluster.Builder base(String name) {
        return Cluster.newBuilder()
                .setName(name)
                .setConnectTimeout(CONNECT_TIMEOUT)
                .setCircuitBreakers(NO_LIMITS);
    }

    /** Istio's {@code filter_metadata.istio.services}. */
    private static Metadata serviceMetadata(String host, String name, String namespace) {
        Value service = Value.newBuilder()
                .setStructValue(Pack.struct(Map.of("host", host, "name", name, "namespace", namespace)))
                .build();
        Value services = Value.newBuilder()
                .setListValue(ListValue.newBuilder().addValues(service))
                .build();
        return Metadata.newBuilder()
                .putFilterMetadata(
                        "istio",
                        Struct.newBuilder().putFields("services", services).build())
                .build();
    }
}
