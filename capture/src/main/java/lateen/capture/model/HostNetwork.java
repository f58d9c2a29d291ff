package lateen.capture.model;

import java.net.InetAddress;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What a packet's way depends on beside the rules: addresses, routes and listeners of one namespace. Immutable.
 *
 * @param routes all tables, in any order
 * @param policies what {@code ip rule} lists
 * @param listeners empty when they were not looked at
 * @param forwards families that this host passes on
 * @param loopbackDevices interfaces over which 127.0.0.0/8 may come and go (the kernel's {@code route_localnet}); {@code
 *     all} stands for each
 */
public record HostNetwork(
        List<Address> addresses,
        List<Route> routes,
        List<Policy> policies,
        Optional<List<Listener>> listeners,
        List<IpFamily> forwards,
        List<String> loopbackDevices) {
    public HostNetwork {
        addresses = List.copyOf(addresses);
        routes = List.copyOf(routes);
        policies = policies.stream()
                .sorted(Comparator.comparingLong(Policy::priority))
                .toList();
        listeners = listeners.map(List::copyOf);
        forwards = List.copyOf(forwards);
        loopbackDevices = List.copyOf(loopbackDevices);
    }

    /** Nothing is known: for rules that are not in a kernel yet. */
    public static final HostNetwork UNKNOWN =
            new HostNetwork(List.of(), List.of(), List.of(), Optional.empty(), List.of(), List.of());

    /** An address of an interface, in the order in which the kernel lists them. */
    public record Address(String device, InetAddress address) {}

    /**
     * A route.
     *
     * @param type as {@code ip route} names it: local, unicast, broadcast, unreachable…
     * @param device empty for routes without one
     */
    public record Route(String table, String type, Cidr to, String device, long metric) {
        public boolean local() {
            return type.equals("local")
                    || type.equals("anycast")
                    || type.equals("broadcast")
                    || type.equals("multicast");
        }
    }

    /**
     * A rule that chooses a routing table.
     *
     * @param mark looked at in the bits of {@code mask}; a mask of 0 looks at none
     * @param known false when it asks for something else that is not understood
     */
    public record Policy(IpFamily family, long priority, long mark, long mask, String table, boolean known) {}

    /**
     * A socket that takes connections or datagrams.
     *
     * @param address the unspecified one for all
     * @param program name of the process, empty when it is not known
     */
    public record Listener(Protocol protocol, InetAddress address, int port, long uid, String program) {
        /** True when it is this socket, on this or on all addresses; IPv6's all takes IPv4 as well. */
        public boolean takes(Protocol other, InetAddress to, int toPort) {
            return protocol == other
                    && port == toPort
                    && (address.equals(to)
                            || (address.isAnyLocalAddress() && address.getAddress().length >= to.getAddress().length));
        }
    }

    public boolean known() {
        return !addresses.isEmpty();
    }

    /** Whether a packet with this loopback address may come or go over an interface. */
    public boolean carries(InetAddress loopback, String device) {
        return device.equals("lo")
                || (loopback.getAddress().length == 4
                        && (loopbackDevices.contains("all") || loopbackDevices.contains(device)));
    }

    /** The route that the kernel takes, by policies and longest prefix; empty when there is none. */
    public Optional<Route> route(InetAddress to, long mark) {
        IpFamily family = to.getAddress().length == 4 ? IpFamily.IPV4 : IpFamily.IPV6;
        for (Policy policy : policies) {
            if (policy.known() && policy.family() == family && (mark & policy.mask()) == policy.mark()) {
                Optional<Route> found = routes.stream()
                        .filter(r -> r.table().equals(policy.table()) && r.to().contains(to))
                        .min(Comparator.comparingInt((Route r) -> -r.to().prefix())
                                .thenComparingLong(Route::metric));
                if (found.isPresent() && !found.get().type().equals("throw")) {
                    return found;
                }
            }
        }
        return Optional.empty();
    }

    /** True when the address belongs to this host, whatever its mark. */
    public boolean isLocal(InetAddress address) {
        return address.isLoopbackAddress()
                || routes.stream()
                        .anyMatch(
                                r -> r.table().equals("local") && r.type().equals("local") && r.to().contains(address));
    }

    /** Where REDIRECT sends what arrives on an interface. */
    public Optional<InetAddress> firstAddress(String device, IpFamily family) {
        return addresses.stream()
                .filter(a -> a.device().equals(device) && a.address().getAddress().length * 8 == family.bits())
                .filter(a -> !a.address().isLinkLocalAddress() || family == IpFamily.IPV4)
                .map(Address::address)
                .findFirst();
    }

    /** The sockets that a packet to here reaches, the most exact first. */
    public List<Listener> listenersAt(Protocol protocol, InetAddress to, int port) {
        return listeners.orElse(List.of()).stream()
                .filter(l -> l.takes(protocol, to, port))
                .sorted(Comparator.comparing(l -> l.address().isAnyLocalAddress()))
                .toList();
    }
}
