package lateen.capture.read;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import lateen.capture.model.Cidr;
import lateen.capture.model.HostNetwork;
import lateen.capture.model.IpFamily;
import lateen.capture.model.Numbers;
import lateen.capture.model.Protocol;

/** Readers of what {@code ip -j} prints (ip(8)) and of the socket tables in /proc/net (proc_pid_net(5)). Pure. */
final class NetworkListing {
    private static final int MAX_SOCKETS = 100_000;

    /** Words of a policy rule that choose by something else than the mark. */
    private static final Set<String> PLAIN = Set.of("priority", "src", "fwmark", "fwmask", "table", "protocol");

    private NetworkListing() {}

    /** {@code ip -j addr}. */
    static List<HostNetwork.Address> addresses(String json) throws RuleFormatException {
        List<HostNetwork.Address> addresses = new ArrayList<>();
        for (Json.Value link : Json.parse(blankIsEmpty(json)).elements()) {
            for (Json.Value info :
                    link.get("addr_info").map(Json.Value::elements).orElse(List.of())) {
                Cidr.parseAddress(info.text("local"))
                        .ifPresent(a -> addresses.add(new HostNetwork.Address(link.text("ifname"), a)));
            }
        }
        return addresses;
    }

    /** {@code ip -j route show table all} of one family. */
    static List<HostNetwork.Route> routes(IpFamily family, String json) throws RuleFormatException {
        List<HostNetwork.Route> routes = new ArrayList<>();
        for (Json.Value route : Json.parse(blankIsEmpty(json)).elements()) {
            String to = route.text("dst");
            Optional<Cidr> range = Cidr.parse(to.equals("default") ? family.any() + "/0" : to);
            String table = route.text("table");
            String type = route.text("type");
            if (range.isPresent() && range.get().family() == family) {
                routes.add(new HostNetwork.Route(
                        table.isEmpty() ? "main" : table,
                        type.isEmpty() ? "unicast" : type,
                        range.get(),
                        device(route),
                        Math.max(0, Numbers.parseLong(route.text("metric"), 0, Long.MAX_VALUE))));
            }
        }
        return routes;
    }

    private static String device(Json.Value route) {
        // Of several next hops any; all leave this host.
        List<Json.Value> hops = route.get("nexthops").map(Json.Value::elements).orElse(List.of());
        return hops.isEmpty() ? route.text("dev") : hops.getFirst().text("dev");
    }

    /** {@code ip -j rule} of one family. */
    static List<HostNetwork.Policy> policies(IpFamily family, String json) throws RuleFormatException {
        List<HostNetwork.Policy> policies = new ArrayList<>();
        for (Json.Value rule : Json.parse(blankIsEmpty(json)).elements()) {
            boolean plain = rule instanceof Json.Obj(var members)
                    && PLAIN.containsAll(members.keySet())
                    && rule.text("src").equals("all");
            long mark = rule.get("fwmark").isPresent() ? hex(rule.text("fwmark")) : 0;
            long mask = rule.get("fwmask").isPresent()
                    ? hex(rule.text("fwmask"))
                    : rule.get("fwmark").isPresent() ? 0xFFFF_FFFFL : 0;
            policies.add(new HostNetwork.Policy(
                    family,
                    Math.max(0, Numbers.parseLong(rule.text("priority"), 0, Long.MAX_VALUE)),
                    Math.max(mark, 0),
                    Math.max(mask, 0),
                    rule.text("table"),
                    plain && mark >= 0 && mask >= 0 && !rule.text("table").isEmpty()));
        }
        return policies;
    }

    private static String blankIsEmpty(String json) {
        return json.isBlank() ? "[]" : json;
    }

    private static long hex(String text) {
        try {
            return text.startsWith("0x") ? Long.parseLong(text.substring(2), 16) : Long.parseLong(text);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    /** A socket of the tables, and the inode by which its process is found. */
    record Socket(HostNetwork.Listener listener, long inode) {}

    /** The listening sockets of {@code /proc/net/tcp}, the unconnected ones of {@code udp}, and their sisters of IPv6. */
    static List<Socket> sockets(Protocol protocol, String table) {
        List<Socket> sockets = new ArrayList<>();
        for (String line : table.lines().skip(1).limit(MAX_SOCKETS).toList()) {
            String[] words = line.strip().split("\\s+");
            if (words.length < 10) {
                continue;
            }
            int colon = words[1].lastIndexOf(':');
            boolean open = words[3].equals(protocol == Protocol.TCP ? "0A" : "07");
            Optional<InetAddress> address = colon < 0 ? Optional.empty() : address(words[1].substring(0, colon));
            long port = colon < 0 ? -1 : hexPort(words[1].substring(colon + 1));
            if (open && address.isPresent() && port > 0) {
                sockets.add(new Socket(
                        new HostNetwork.Listener(
                                protocol, address.get(), (int) port, Numbers.parseLong(words[7], 0, 0xFFFF_FFFFL), ""),
                        Numbers.parseLong(words[9], 0, Long.MAX_VALUE)));
            }
        }
        return sockets;
    }

    private static long hexPort(String text) {
        return text.length() == 4 ? hex("0x" + text.toLowerCase(Locale.ROOT)) : -1;
    }

    /** Each group of eight digits is a word in the byte order of the machine. */
    private static Optional<InetAddress> address(String digits) {
        if (digits.length() != 8 && digits.length() != 32) {
            return Optional.empty();
        }
        byte[] bytes = new byte[digits.length() / 2];
        boolean little = java.nio.ByteOrder.nativeOrder() == java.nio.ByteOrder.LITTLE_ENDIAN;
        for (int i = 0; i < bytes.length; i++) {
            int high = Character.digit(digits.charAt(2 * i), 16);
            int low = Character.digit(digits.charAt(2 * i + 1), 16);
            if (high < 0 || low < 0) {
                return Optional.empty();
            }
            int at = little ? (i & ~3) + (3 - (i & 3)) : i;
            bytes[at] = (byte) (high << 4 | low);
        }
        try {
            return Optional.of(InetAddress.getByAddress(bytes));
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }
}
