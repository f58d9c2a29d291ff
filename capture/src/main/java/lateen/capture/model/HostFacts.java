package lateen.capture.model;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * What rules depend on beside the options: facts of the namespace for which they are made.
 *
 * @param addresses addresses of all interfaces
 * @param dnsServers servers of resolv.conf
 */
public record HostFacts(List<InetAddress> addresses, List<InetAddress> dnsServers) {
    private static final int MAX_SERVERS = 64;

    public HostFacts {
        // What capture itself put on lo says nothing about the host.
        addresses = addresses.stream()
                .filter(a -> !IpFamily.IPV6.passThrough().contains(a))
                .toList();
        dnsServers = List.copyOf(dnsServers);
    }

    /**
     * Whether IPv6 rules are wanted. Istio looks at the first address that is neither loopback nor link-local; as the
     * kernel lists IPv4 before IPv6, that is IPv6 only where no IPv4 address exists.
     */
    public boolean wantsIpv6(boolean dualStack) {
        List<InetAddress> usable = addresses.stream()
                .filter(a -> !a.isLoopbackAddress() && !a.isLinkLocalAddress() && !a.isAnyLocalAddress())
                .toList();
        boolean ipv6 = usable.stream().anyMatch(a -> a.getAddress().length == 16);
        return ipv6 && (dualStack || usable.stream().noneMatch(a -> a.getAddress().length == 4));
    }

    /** Reads the {@code nameserver} lines of a resolv.conf; a scope ({@code %eth0}) is left off, as rules cannot say it. */
    public static List<InetAddress> dnsServers(String resolvConf) {
        List<InetAddress> servers = new ArrayList<>();
        for (String line : resolvConf.lines().toList()) {
            String[] words = line.strip().split("\\s+", 3);
            if (words.length >= 2 && words[0].equals("nameserver") && servers.size() < MAX_SERVERS) {
                int scope = words[1].indexOf('%');
                Cidr.parseAddress(scope < 0 ? words[1] : words[1].substring(0, scope))
                        .filter(address -> !servers.contains(address))
                        .ifPresent(servers::add);
            }
        }
        return servers;
    }
}
