package lateen.xds.decode;

import io.envoyproxy.envoy.config.core.v3.TrafficDirection;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.listener.v3.ListenerFilter;
import io.envoyproxy.envoy.extensions.filters.listener.http_inspector.v3.HttpInspector;
import io.envoyproxy.envoy.extensions.filters.listener.original_dst.v3.OriginalDst;
import io.envoyproxy.envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import lateen.decision.config.FilterChainConfig;
import lateen.decision.config.FilterChainMatch;
import lateen.decision.config.ListenerConfig;
import lateen.decision.config.ListenerConfig.Direction;
import lateen.decision.config.ListenerConfig.Inspectors;
import lateen.decision.net.SocketAddr;

/** Envoy: {@code config.listener.v3}. */
final class ListenerDecoder {

    /** Envoy's {@code listener_filters_timeout} when unset. */
    private static final Duration INSPECTION = Duration.ofSeconds(15);

    private static final Set<String> TRANSPORTS = Set.of("", "raw_buffer", "tls");

    private ListenerDecoder() {}

    static ListenerConfig listener(Listener listener, FieldPath at) {
        if (listener.getFilterChainsCount() == 0 && !listener.hasDefaultFilterChain()) {
            throw at.missing("filter_chains", "at least one, or default_filter_chain");
        }
        List<SocketAddr> addresses = new ArrayList<>();
        addresses.add(Values.socket(listener.getAddress(), at.at("address")));
        addresses.addAll(at.each(
                listener.getAdditionalAddressesList(),
                "additional_addresses",
                (more, where) -> Values.socket(more.getAddress(), where.at("address"))));
        return new ListenerConfig(
                at.required(listener.getName(), "name"),
                addresses,
                bindToPort(listener),
                listener.getUseOriginalDst().getValue(),
                direction(listener.getTrafficDirection(), at.at("traffic_direction")),
                inspectors(listener, at),
                chains(listener.getFilterChainsList(), at),
                listener.hasDefaultFilterChain()
                        ? chain(listener.getDefaultFilterChain(), at.at("default_filter_chain"))
                        : null,
                AccessLogDecoder.unmatched(listener.getAccessLogList(), at));
    }

    @SuppressWarnings("deprecation") // deprecated_v1 is where Envoy had it before bind_to_port; both are heeded by it.
    private static boolean bindToPort(Listener listener) {
        boolean older = !listener.getDeprecatedV1().hasBindToPort()
                || listener.getDeprecatedV1().getBindToPort().getValue();
        return older && (!listener.hasBindToPort() || listener.getBindToPort().getValue());
    }

    private static Direction direction(TrafficDirection direction, FieldPath at) {
        return switch (direction) {
            case UNSPECIFIED -> Direction.UNSPECIFIED;
            case INBOUND -> Direction.INBOUND;
            case OUTBOUND -> Direction.OUTBOUND;
            case UNRECOGNIZED -> throw at.refuse(direction, "INBOUND, OUTBOUND or nothing");
        };
    }

    private static Inspectors inspectors(Listener listener, FieldPath listenerPath) {
        Set<String> found = new HashSet<>();
        for (int i = 0; i < listener.getListenerFiltersCount(); i++) {
            found.add(inspector(listener.getListenerFilters(i), listenerPath.at("listener_filters", i)));
        }
        return new Inspectors(
                found.contains("original_dst"),
                found.contains("tls_inspector"),
                found.contains("http_inspector"),
                listener.hasListenerFiltersTimeout()
                        ? Values.duration(
                                listener.getListenerFiltersTimeout(), listenerPath.at("listener_filters_timeout"))
                        : INSPECTION,
                listener.getContinueOnListenerFiltersTimeout());
    }

    private static String inspector(ListenerFilter filter, FieldPath where) {
        FieldPath at = where.at("typed_config");
        return switch (Values.typeName(filter.getTypedConfig())) {
            case "envoy.extensions.filters.listener.original_dst.v3.OriginalDst" -> {
                var _ = Values.open(filter.getTypedConfig(), OriginalDst.getDefaultInstance(), at);
                yield "original_dst";
            }
            case "envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector" -> {
                var _ = Values.open(filter.getTypedConfig(), TlsInspector.getDefaultInstance(), at);
                yield "tls_inspector";
            }
            case "envoy.extensions.filters.listener.http_inspector.v3.HttpInspector" -> {
                var _ = Values.open(filter.getTypedConfig(), HttpInspector.getDefaultInstance(), at);
                yield "http_inspector";
            }
            default ->
                throw where.because("unsupported listener filter '" + filter.getName() + "' of type '"
                        + Values.typeName(filter.getTypedConfig())
                        + "' (supported: original_dst, tls_inspector, http_inspector)");
        };
    }

    private static List<FilterChainConfig> chains(List<FilterChain> chains, FieldPath at) {
        List<FilterChainConfig> read = at.each(chains, "filter_chains", ListenerDecoder::chain);
        Set<FilterChainMatch> seen = new HashSet<>();
        for (int i = 0; i < read.size(); i++) {
            if (!seen.add(read.get(i).match())) {
                throw at.at("filter_chains", i)
                        .at("filter_chain_match")
                        .because("the same match as an earlier filter chain (expected: each matches something else)");
            }
        }
        return read;
    }

    private static FilterChainConfig chain(FilterChain chain, FieldPath at) {
        return new FilterChainConfig(
                chain.getName(),
                match(chain.getFilterChainMatch(), at.at("filter_chain_match")),
                TlsDecoder.downstream(
                        chain.hasTransportSocket(), chain.getTransportSocket(), at.at("transport_socket")),
                NetworkFilterDecoder.filters(chain.getFiltersList(), at));
    }

    private static FilterChainMatch match(io.envoyproxy.envoy.config.listener.v3.FilterChainMatch match, FieldPath at) {
        if (!TRANSPORTS.contains(match.getTransportProtocol())) {
            throw at.at("transport_protocol").refuse(match.getTransportProtocol(), "raw_buffer or tls");
        }
        return new FilterChainMatch(
                Values.port(match.getDestinationPort().getValue(), at.at("destination_port")),
                Set.copyOf(at.each(match.getPrefixRangesList(), "prefix_ranges", Values::cidr)),
                Set.copyOf(at.each(match.getServerNamesList(), "server_names", ListenerDecoder::serverName)),
                match.getTransportProtocol(),
                new HashSet<>(match.getApplicationProtocolsList()),
                Set.copyOf(
                        at.each(match.getDirectSourcePrefixRangesList(), "direct_source_prefix_ranges", Values::cidr)),
                Set.copyOf(at.each(match.getSourcePrefixRangesList(), "source_prefix_ranges", Values::cidr)),
                Set.copyOf(at.each(match.getSourcePortsList(), "source_ports", Values::port)));
    }

    private static String serverName(String name, FieldPath at) {
        int star = name.lastIndexOf('*');
        if (name.isEmpty() || star > 0 || (star == 0 && !name.startsWith("*."))) {
            throw at.refuse(name, "a host name, or *. and a domain");
        }
        return name.toLowerCase(Locale.ROOT);
    }
}
