package lateen.xds.decode;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.UInt32Value;
import io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers.Thresholds;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.ExtraSourceAddress;
import io.envoyproxy.envoy.config.core.v3.Http1ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.Http2ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.RoutingPriority;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import lateen.decision.config.ClusterConfig;
import lateen.decision.config.ClusterConfig.CircuitBreakers;
import lateen.decision.config.ClusterConfig.ConnectionLimits;
import lateen.decision.config.ClusterConfig.Discovery;
import lateen.decision.config.ClusterConfig.LbPolicy;
import lateen.decision.config.ClusterConfig.ServiceRef;
import lateen.decision.config.ClusterConfig.TransportMatch;
import lateen.decision.config.ClusterConfig.UpstreamHttp;
import lateen.decision.config.ClusterEndpoints;
import lateen.decision.net.IpAddress;
import org.jspecify.annotations.Nullable;

/** Envoy: {@code config.cluster.v3}. */
final class ClusterDecoder {

    private static final String HTTP_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
    /** Envoy's connect_timeout when unset. */
    private static final Duration CONNECT = Duration.ofSeconds(5);
    /** Envoy's healthy_panic_threshold when unset. */
    private static final double PANIC = 50;
    /** What control planes send for "no limit". */
    private static final long NO_LIMIT = 0xFFFF_FFFFL;

    private ClusterDecoder() {}

    static ClusterConfig cluster(Cluster cluster, FieldPath at) {
        String name = at.required(cluster.getName(), "name");
        Discovery discovery = discovery(cluster, at);
        HttpProtocolOptions http = http(at);
        FieldPath idle = at.at("typed_extension_protocol_options")
                .at("common_http_protocol_options")
                .at("idle_timeout");
        return new ClusterConfig(
                name,
                discovery,
                discovery == Discovery.EDS
                                && !cluster.getEdsClusterConfig()
                                        .getServiceName()
                                        .isEmpty()
                        ? cluster.getEdsClusterConfig().getServiceName()
                        : name,
                staticEndpoints(cluster, discovery, at),
                policy(cluster, discovery, at),
                connectTimeout(cluster, at.at("connect_timeout")),
                at.each(cluster.getTransportSocketMatchesList(), "transport_socket_matches", ClusterDecoder::transport),
                TlsDecoder.upstream(
                        cluster.hasTransportSocket(), cluster.getTransportSocket(), at.at("transport_socket")),
                breakers(cluster, at.at("circuit_breakers")),
                source(cluster, at.at("upstream_bind_config").at("source_address")),
                at.each(
                        cluster.getUpstreamBindConfig().getExtraSourceAddressesList(),
                        "upstream_bind_config.extra_source_addresses",
                        ClusterDecoder::extraSource),
                spoken(http, at.at("typed_extension_protocol_options")),
                ProtocolOptionsDecoder.http1(http1(http)),
                ProtocolOptionsDecoder.http2(
                        http2(http), at.at("typed_extension_protocol_options").at("http2_protocol_options")),
                http.getCommonHttpProtocolOptions().hasIdleTimeout()
                        ? Values.duration(http.getCommonHttpProtocolOptions().getIdleTimeout(), idle)
                        : NetworkFilterDecoder.IDLE,
                services(at),
                connectionLimits(cluster, http, at),
                panicThreshold(cluster, at.at("common_lb_config").at("healthy_panic_threshold")),
                cluster.hasOutlierDetection()
                        ? OutlierDecoder.detection(cluster.getOutlierDetection(), at.at("outlier_detection"))
                        : null,
                TlsDecoder.header(cluster.getTransportSocket(), at.at("transport_socket")));
    }

    private static Discovery discovery(Cluster cluster, FieldPath at) {
        return switch (cluster.getType()) {
            case STATIC -> Discovery.STATIC;
            case EDS -> Discovery.EDS;
            case ORIGINAL_DST -> Discovery.ORIGINAL_DST;
            case STRICT_DNS, LOGICAL_DNS, UNRECOGNIZED ->
                throw at.at("type").refuse(cluster.getType(), "STATIC, EDS or ORIGINAL_DST");
        };
    }

    private static @Nullable ClusterEndpoints staticEndpoints(Cluster cluster, Discovery discovery, FieldPath at) {
        if (discovery == Discovery.STATIC) {
            return EndpointDecoder.endpoints(cluster.getLoadAssignment(), at.at("load_assignment"));
        }
        if (cluster.hasLoadAssignment()) {
            throw at.at("load_assignment")
                    .because("endpoints in a cluster of type " + discovery + " (expected: STATIC)");
        }
        return null;
    }

    private static LbPolicy policy(Cluster cluster, Discovery discovery, FieldPath at) {
        LbPolicy policy = switch (cluster.getLbPolicy()) {
            case ROUND_ROBIN -> LbPolicy.ROUND_ROBIN;
            case LEAST_REQUEST -> LbPolicy.LEAST_REQUEST;
            case RANDOM -> LbPolicy.RANDOM;
            case CLUSTER_PROVIDED -> LbPolicy.CLUSTER_PROVIDED;
            case RING_HASH, MAGLEV, LOAD_BALANCING_POLICY_CONFIG, UNRECOGNIZED ->
                throw at.at("lb_policy")
                        .refuse(cluster.getLbPolicy(), "ROUND_ROBIN, LEAST_REQUEST, RANDOM or CLUSTER_PROVIDED");
        };
        if ((policy == LbPolicy.CLUSTER_PROVIDED) != (discovery == Discovery.ORIGINAL_DST)) {
            throw at.at("lb_policy").refuse(policy, "CLUSTER_PROVIDED with type ORIGINAL_DST, and only there");
        }
        return policy;
    }

    private static Duration connectTimeout(Cluster cluster, FieldPath at) {
        if (!cluster.hasConnectTimeout()) {
            return CONNECT;
        }
        Duration timeout = Values.duration(cluster.getConnectTimeout(), at);
        if (timeout.isZero()) {
            throw at.refuse("0s", "more than 0");
        }
        return timeout;
    }

    private static TransportMatch transport(Cluster.TransportSocketMatch match, FieldPath at) {
        // Two occurrences are one message, as concatenated bytes are.
        StructValue.Fields labels =
                StructValue.fields(ByteString.copyFrom(at.aside().field("match")));
        for (String label : labels.values().keySet()) {
            if (!label.equals("tlsMode") || labels.text(label).isEmpty()) {
                throw at.at("match").refuse(label, "tlsMode with a text, or nothing");
            }
        }
        return new TransportMatch(
                match.getName(),
                labels.text("tlsMode"),
                TlsDecoder.upstream(match.hasTransportSocket(), match.getTransportSocket(), at.at("transport_socket")),
                TlsDecoder.header(match.getTransportSocket(), at.at("transport_socket")));
    }

    private static CircuitBreakers breakers(Cluster cluster, FieldPath at) {
        CircuitBreakers breakers = CircuitBreakers.DEFAULT;
        for (int i = 0; i < cluster.getCircuitBreakers().getThresholdsCount(); i++) {
            Thresholds limits = cluster.getCircuitBreakers().getThresholds(i);
            if (limits.getPriority() != RoutingPriority.DEFAULT) {
                throw at.at("thresholds", i).at("priority").refuse(limits.getPriority(), "DEFAULT");
            }
            breakers = new CircuitBreakers(
                    limit(limits.hasMaxConnections(), limits.getMaxConnections(), breakers.maxConnections()),
                    limit(
                            limits.hasMaxPendingRequests(),
                            limits.getMaxPendingRequests(),
                            breakers.maxPendingRequests()),
                    limit(limits.hasMaxRequests(), limits.getMaxRequests(), breakers.maxRequests()),
                    limit(limits.hasMaxRetries(), limits.getMaxRetries(), breakers.maxRetries()));
        }
        return breakers;
    }

    private static long limit(boolean present, UInt32Value value, long byDefault) {
        long limit = Integer.toUnsignedLong(value.getValue());
        return !present ? byDefault : limit == NO_LIMIT ? Long.MAX_VALUE : limit;
    }

    private static @Nullable IpAddress source(Cluster cluster, FieldPath at) {
        if (!cluster.getUpstreamBindConfig().hasSourceAddress()) {
            return null;
        }
        if (cluster.getUpstreamBindConfig().getSourceAddress().getPortValue() != 0) {
            throw at.at("port_value")
                    .refuse(cluster.getUpstreamBindConfig().getSourceAddress().getPortValue(), "0, any port");
        }
        IpAddress ip =
                Values.ip(cluster.getUpstreamBindConfig().getSourceAddress().getAddress(), at.at("address"));
        return ip.isUnspecified() ? null : ip;
    }

    private static IpAddress extraSource(ExtraSourceAddress extra, FieldPath at) {
        if (extra.getAddress().getPortValue() != 0) {
            throw at.at("address").at("port_value").refuse(extra.getAddress().getPortValue(), "0, any port");
        }
        return Values.ip(extra.getAddress().getAddress(), at.at("address").at("address"));
    }

    private static HttpProtocolOptions http(FieldPath at) {
        HttpProtocolOptions options = HttpProtocolOptions.getDefaultInstance();
        for (Map.Entry<String, ByteString> entry :
                at.map("typed_extension_protocol_options").entrySet()) {
            FieldPath where = at.at("typed_extension_protocol_options[" + entry.getKey() + "]");
            Any value = Values.any(entry.getValue(), where);
            if (!entry.getKey().equals(HTTP_OPTIONS) || !Values.typeName(value).equals(HTTP_OPTIONS)) {
                throw where.because("unsupported (supported: " + HTTP_OPTIONS + ")");
            }
            options = Values.open(value, HttpProtocolOptions.getDefaultInstance(), where);
        }
        return options;
    }

    @SuppressWarnings("deprecation") // max_requests_per_connection of the cluster itself, its older place.
    private static ConnectionLimits connectionLimits(Cluster cluster, HttpProtocolOptions http, FieldPath at) {
        var common = http.getCommonHttpProtocolOptions();
        UInt32Value requests = common.hasMaxRequestsPerConnection()
                ? common.getMaxRequestsPerConnection()
                : cluster.getMaxRequestsPerConnection();
        return new ConnectionLimits(
                Values.duration(
                        common.getMaxConnectionDuration(),
                        at.at("typed_extension_protocol_options")
                                .at("common_http_protocol_options")
                                .at("max_connection_duration")),
                Integer.toUnsignedLong(requests.getValue()));
    }

    private static double panicThreshold(Cluster cluster, FieldPath at) {
        if (!cluster.getCommonLbConfig().hasHealthyPanicThreshold()) {
            return PANIC;
        }
        double percent = cluster.getCommonLbConfig().getHealthyPanicThreshold().getValue();
        if (!(percent >= 0 && percent <= 100)) {
            throw at.refuse(percent, "0..100");
        }
        return percent;
    }

    private static UpstreamHttp spoken(HttpProtocolOptions options, FieldPath at) {
        return switch (options.getUpstreamProtocolOptionsCase()) {
            case UPSTREAMPROTOCOLOPTIONS_NOT_SET -> UpstreamHttp.HTTP1;
            case USE_DOWNSTREAM_PROTOCOL_CONFIG -> UpstreamHttp.USE_DOWNSTREAM;
            case EXPLICIT_HTTP_CONFIG ->
                switch (options.getExplicitHttpConfig().getProtocolConfigCase()) {
                    case HTTP_PROTOCOL_OPTIONS -> UpstreamHttp.HTTP1;
                    case HTTP2_PROTOCOL_OPTIONS -> UpstreamHttp.HTTP2;
                    case HTTP3_PROTOCOL_OPTIONS, PROTOCOLCONFIG_NOT_SET ->
                        throw at.at("explicit_http_config")
                                .refuse(
                                        options.getExplicitHttpConfig().getProtocolConfigCase(),
                                        "http_protocol_options or http2_protocol_options");
                };
            case AUTO_CONFIG ->
                throw at.refuse("auto_config", "explicit_http_config or use_downstream_protocol_config");
        };
    }

    private static Http1ProtocolOptions http1(HttpProtocolOptions options) {
        return options.hasUseDownstreamProtocolConfig()
                ? options.getUseDownstreamProtocolConfig().getHttpProtocolOptions()
                : options.getExplicitHttpConfig().getHttpProtocolOptions();
    }

    private static Http2ProtocolOptions http2(HttpProtocolOptions options) {
        return options.hasUseDownstreamProtocolConfig()
                ? options.getUseDownstreamProtocolConfig().getHttp2ProtocolOptions()
                : options.getExplicitHttpConfig().getHttp2ProtocolOptions();
    }

    private static List<ServiceRef> services(FieldPath at) {
        StructValue services = Values.metadata(at.at("metadata"), "istio").value("services");
        List<ServiceRef> found = new ArrayList<>();
        if (services instanceof StructValue.Elements(List<StructValue> elements)) {
            for (StructValue element : elements) {
                if (element instanceof StructValue.Fields service) {
                    found.add(new ServiceRef(service.text("host"), service.text("name"), service.text("namespace")));
                } else {
                    found.add(new ServiceRef("", "", ""));
                }
            }
        }
        return found;
    }
}
