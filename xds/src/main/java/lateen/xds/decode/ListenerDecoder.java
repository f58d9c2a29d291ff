package lateen.xds.decode;

import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.Pipe;
import io.envoyproxy.envoy.config.core.v3.TrafficDirection;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.FilterChainMatch.ConnectionSourceType;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import lateen.decision.config.FilterChainConfig;
import lateen.decision.config.FilterChainMatch;
import lateen.decision.config.FilterChainMatch.SourceType;
import lateen.decision.config.ListenerConfig;
import lateen.decision.config.ListenerConfig.Direction;
import lateen.decision.config.ListenerConfig.Sockets;
import lateen.decision.net.SocketAddr;

/** Envoy: {@code config.listener.v3}. */
final class ListenerDecoder {

    private static final Set<String> TRANSPORTS = Set.of("", "raw_buffer", "tls");

    private ListenerDecoder() {}

    static ListenerConfig listener(Listener listener, FieldPath at) {
        if (listener.getFilterChainsCount() == 0 && !listener.hasDefaultFilterChain()) {
            throw at.missing("filter_chains", "at least one, or default_filter_chain");
        }
        List<SocketAddr> addresses = new ArrayList<>();
        addresses.add(Values.address(listener.getAddress(), at.at("address")));
        addresses.addAll(at.each(
                listener.getAdditionalAddressesList(),
                "additional_addresses",
                (more, where) -> Values.address(more.getAddress(), where.at("address"))));
        return new ListenerConfig(
                at.required(listener.getName(), "name"),
                addresses,
                bindToPort(listener),
                listener.getUseOriginalDst().getValue(),
                direction(listener.getTrafficDirection(), at.at("traffic_direction")),
                ListenerFilterDecoder.inspectors(listener, at),
                chains(listener.getFilterChainsList(), at),
                listener.hasDefaultFilterChain()
                        ? chain(listener.getDefaultFilterChain(), at.at("default_filter_chain"))
                        : null,
                AccessLogDecoder.unmatched(listener.getAccessLogList(), at),
                sockets(listener, addresses, at));
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

    private static Sockets sockets(Listener listener, List<SocketAddr> addresses, FieldPath at) {
        Set<SocketAddr> dualStack = new HashSet<>();
        Map<SocketAddr, Integer> modes = new HashMap<>();
        for (int i = 0; i < addresses.size(); i++) {
            Address address = i == 0
                    ? listener.getAddress()
                    : listener.getAdditionalAddresses(i - 1).getAddress();
            if (address.getSocketAddress().getIpv4Compat()) {
                dualStack.add(dualStack(addresses.get(i), i, at));
            }
            if (address.getPipe().getMode() != 0) {
                modes.put(addresses.get(i), mode(address.getPipe(), i, at));
            }
        }
        return new Sockets(
                listener.getTransparent().getValue(),
                listener.getFreebind().getValue(),
                reusePort(listener),
                listener.hasTcpBacklogSize()
                        ? Values.count(listener.getTcpBacklogSize().getValue(), at.at("tcp_backlog_size"))
                        : 0,
                dualStack,
                modes);
    }

    /** Unset, one socket serves all loops here, which Envoy needs several of the same address for. */
    @SuppressWarnings("deprecation") // reuse_port is the older form.
    private static boolean reusePort(Listener listener) {
        return listener.hasEnableReusePort() ? listener.getEnableReusePort().getValue() : listener.getReusePort();
    }

    private static SocketAddr dualStack(SocketAddr address, int index, FieldPath at) {
        if (!address.ip().v6() || !address.ip().isUnspecified()) {
            throw address(index, at).at("socket_address").at("ipv4_compat").refuse(true, "with the address :: only");
        }
        return address;
    }

    private static int mode(Pipe pipe, int index, FieldPath at) {
        FieldPath mode = address(index, at).at("pipe").at("mode");
        if (pipe.getMode() < 0 || pipe.getMode() > 0777) {
            throw mode.refuse(Integer.toUnsignedString(pipe.getMode()), "0..511, which is octal 777");
        }
        if (pipe.getPath().startsWith("@")) {
            throw mode.refuse(pipe.getMode(), "none: an abstract socket has no file");
        }
        return pipe.getMode();
    }

    private static FieldPath address(int index, FieldPath at) {
        return index == 0
                ? at.at("address")
                : at.at("additional_addresses", index - 1).at("address");
    }

    private static SourceType sourceType(ConnectionSourceType type, FieldPath at) {
        return switch (type) {
            case ANY -> SourceType.ANY;
            case SAME_IP_OR_LOOPBACK -> SourceType.SAME_IP_OR_LOOPBACK;
            case EXTERNAL -> SourceType.EXTERNAL;
            case UNRECOGNIZED -> throw at.refuse(type, "ANY, SAME_IP_OR_LOOPBACK or EXTERNAL");
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
                sourceType(match.getSourceType(), at.at("source_type")),
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
