package lateen.control.translate;

import io.envoyproxy.envoy.config.core.v3.TrafficDirection;
import io.envoyproxy.envoy.config.listener.v3.AdditionalAddress;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.FilterChainMatch;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.Rds;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import lateen.control.registry.MeshSettings;
import lateen.control.registry.Service;
import lateen.decision.net.IpAddress;

/**
 * What takes connections that leave the workload: one listener with the socket, which hands over to the most exact of
 * the others by original destination: first {@code <VIP>_<port>} of a TCP service, then {@code 0.0.0.0_<port>} of all
 * HTTP services on a port.
 */
final class OutboundListeners {

    private final MeshSettings.AccessLog log;
    private final TcpRoutes routes;

    OutboundListeners(MeshSettings.AccessLog log, TcpRoutes routes) {
        this.log = log;
        this.routes = routes;
    }

    List<Listener> build(List<Service> services) {
        List<Listener> out = new ArrayList<>();
        out.add(virtual());
        SortedSet<Integer> http = new TreeSet<>();
        for (Service service : services) {
            for (Service.Port port : service.ports()) {
                if (port.protocol().isHttp()) {
                    http.add(port.port());
                } else if (!service.addresses().isEmpty()) {
                    out.add(tcp(service, port));
                }
            }
        }
        http.forEach(port -> out.add(http(port)));
        return out;
    }

    private Listener virtual() {
        return base("virtualOutbound", "0.0.0.0", XdsNames.OUTBOUND_PORT)
                .addAdditionalAddresses(more("::", XdsNames.OUTBOUND_PORT))
                .setUseOriginalDst(Pack.bool(true))
                // A connection made to our own port has no destination but us: forwarding it would be a loop.
                .addFilterChains(FilterChain.newBuilder()
                        .setName("virtualOutbound-blackhole")
                        .setFilterChainMatch(
                                FilterChainMatch.newBuilder().setDestinationPort(Pack.number(XdsNames.OUTBOUND_PORT)))
                        .addFilters(Filters.tcpProxy(XdsNames.BLACK_HOLE, XdsNames.BLACK_HOLE, log)))
                .setDefaultFilterChain(FilterChain.newBuilder()
                        .setName("virtualOutbound-catchall-tcp")
                        .addFilters(Filters.tcpProxy(XdsNames.PASSTHROUGH, XdsNames.PASSTHROUGH, log)))
                .addAllAccessLog(AccessLogs.unmatched(log))
                .build();
    }

    private Listener http(int port) {
        String name = "0.0.0.0_" + port;
        return base(name, "0.0.0.0", port)
                .addAdditionalAddresses(more("::", port))
                .setBindToPort(Pack.bool(false))
                .addFilterChains(FilterChain.newBuilder()
                        .addFilters(Filters.http(Filters.manager("outbound_" + name, log)
                                .setRds(Rds.newBuilder()
                                        .setRouteConfigName(String.valueOf(port))
                                        .setConfigSource(Clusters.ads())))))
                .build();
    }

    private Listener tcp(Service service, Service.Port port) {
        List<IpAddress> addresses = service.addresses();
        String first = addresses.getFirst().canonical();
        Listener.Builder listener = base(first + "_" + port.port(), first, port.port())
                .setBindToPort(Pack.bool(false))
                .addAllFilterChains(routes.chains(service, port));
        for (IpAddress address : addresses.subList(1, addresses.size())) {
            listener.addAdditionalAddresses(more(address.canonical(), port.port()));
        }
        return listener.build();
    }

    private static Listener.Builder base(String name, String address, int port) {
        return Listener.newBuilder()
                .setName(name)
                .setAddress(Pack.address(address, port))
                .setTrafficDirection(TrafficDirection.OUTBOUND);
    }

    static AdditionalAddress more(String address, int port) {
        return AdditionalAddress.newBuilder()
                .setAddress(Pack.address(address, port))
                .build();
    }
}
