package lateen.capture.plan;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import lateen.capture.model.Cidr;
import lateen.capture.model.IdRange;
import lateen.capture.model.IpFamily;
import lateen.capture.model.Numbers;

/** Text of flags and environment → {@link CaptureOptions}; every check of a single value is here. */
final class OptionReader {
    // Bounds on lists: the kernel walks rules one by one, and nobody means a thousand of them.
    private static final int MAX_LIST = 1024;
    private static final String PORTS = "ports 1..65535, separated by commas";

    private final FlagValues flags;
    private final Map<String, String> env;
    private final Accounts accounts;

    OptionReader(FlagValues flags, Map<String, String> env, Accounts accounts) {
        this.flags = flags;
        this.env = env;
        this.accounts = accounts;
    }

    CaptureOptions read() throws InvalidOptionException {
        CaptureOptions.Tproxy tproxy = new CaptureOptions.Tproxy(
                number(Flag.TPROXY_MARK, 1, Integer.MAX_VALUE - 1), number(Flag.TPROXY_TABLE, 1, Integer.MAX_VALUE));
        if (tproxy.routeTable() >= 253 && tproxy.routeTable() <= 255) {
            throw flags.invalid(
                    Flag.TPROXY_TABLE, flags.text(Flag.TPROXY_TABLE), "a table that is not the kernel's own 253..255");
        }
        new Contradictions(flags).refuse();
        return new CaptureOptions(
                ports(),
                proxy(),
                new CaptureOptions.Inbound(mode(), inboundPorts(), ports(Flag.INBOUND_EXCLUDE)),
                outbound(),
                new CaptureOptions.Interfaces(interfaces(Flag.EXCLUDE_INTERFACES), interfaces(Flag.VIRTUAL_INTERFACES)),
                tproxy,
                new CaptureOptions.Dns(flags.on(Flag.REDIRECT_DNS), flags.on(Flag.CAPTURE_ALL_DNS)),
                flags.on(Flag.DROP_INVALID),
                flags.on(Flag.DUAL_STACK),
                loopback(),
                run(),
                new CaptureOptions.Probe(port(Flag.PROBE_PORT), duration(Flag.PROBE_TIMEOUT)));
    }

    private CaptureOptions.Ports ports() throws InvalidOptionException {
        int outbound = port(Flag.ENVOY_PORT);
        int inbound = port(Flag.INBOUND_CAPTURE_PORT);
        int tunnel = port(Flag.INBOUND_TUNNEL_PORT);
        if (inbound == outbound) {
            throw flags.invalid(
                    Flag.INBOUND_CAPTURE_PORT,
                    flags.text(Flag.INBOUND_CAPTURE_PORT),
                    "not the port of --envoy-port (-p)");
        }
        if (tunnel == outbound || tunnel == inbound) {
            throw flags.invalid(
                    Flag.INBOUND_TUNNEL_PORT,
                    flags.text(Flag.INBOUND_TUNNEL_PORT),
                    "not the port of --envoy-port (-p) or --inbound-capture-port (-z)");
        }
        return new CaptureOptions.Ports(outbound, inbound, tunnel);
    }

    private CaptureOptions.Run run() throws InvalidOptionException {
        String binary = flags.text(Flag.FORCE_BINARY);
        String name = binary.substring(binary.lastIndexOf('/') + 1);
        if (!binary.isEmpty() && !binary.equals("legacy") && !binary.equals("nft") && !name.startsWith("iptables")) {
            throw flags.invalid(Flag.FORCE_BINARY, binary, "legacy, nft, or a command whose name begins with iptables");
        }
        return new CaptureOptions.Run(
                flags.on(Flag.DRY_RUN),
                Optional.ofNullable(env.get("DRY_RUN_FILE_PATH")).filter(path -> !path.isEmpty()),
                flags.on(Flag.SKIP_RULE_APPLY),
                flags.on(Flag.RECONCILE),
                flags.on(Flag.CLEANUP_ONLY),
                flags.on(Flag.FORCE_APPLY),
                flags.on(Flag.NATIVE_NFTABLES),
                flags.on(Flag.RUN_VALIDATION),
                Optional.of(flags.text(Flag.NETWORK_NAMESPACE)).filter(text -> !text.isEmpty()),
                Optional.of(binary).filter(text -> !text.isEmpty()));
    }

    private CaptureOptions.Proxy proxy() throws InvalidOptionException {
        String uids = flags.text(Flag.PROXY_UID);
        if (uids.isEmpty()) {
            String user = env.getOrDefault("ENVOY_USER", "");
            OptionalLong uid = accounts.uid(user.isEmpty() ? "istio-proxy" : user);
            uids = Long.toString(uid.orElse(1337));
        }
        String gids = flags.text(Flag.PROXY_GID);
        return new CaptureOptions.Proxy(
                ids(Flag.PROXY_UID.display(), uids, true),
                ids(Flag.PROXY_GID.display(), gids.isEmpty() ? uids : gids, gids.isEmpty()),
                mark());
    }

    private OptionalInt mark() throws InvalidOptionException {
        if (flags.text(Flag.PROXY_MARK).isEmpty()) {
            return OptionalInt.empty();
        }
        for (Flag flag : List.of(Flag.PROXY_UID, Flag.PROXY_GID)) {
            if (!flags.text(flag).isEmpty()) {
                throw flags.invalid(flag, flags.text(flag), "empty, as --proxy-mark takes its place");
            }
        }
        if (mode() == CaptureOptions.Mode.TPROXY) {
            throw flags.invalid(Flag.MODE, "TPROXY", "REDIRECT: with --proxy-mark the mark is taken");
        }
        return OptionalInt.of(number(Flag.PROXY_MARK, 1, Integer.MAX_VALUE));
    }

    private CaptureOptions.Mode mode() throws InvalidOptionException {
        String mode = flags.text(Flag.MODE);
        return switch (mode) {
            case "", "REDIRECT" -> CaptureOptions.Mode.REDIRECT;
            case "TPROXY" -> CaptureOptions.Mode.TPROXY;
            default -> throw flags.invalid(Flag.MODE, mode, "REDIRECT or TPROXY");
        };
    }

    private Selection<Integer> inboundPorts() throws InvalidOptionException {
        return flags.text(Flag.INBOUND_PORTS).equals("*")
                ? new Selection<>(true, List.of())
                : new Selection<>(false, ports(Flag.INBOUND_PORTS));
    }

    private CaptureOptions.Outbound outbound() throws InvalidOptionException {
        boolean all = flags.text(Flag.INCLUDE_CIDRS).equals("*");
        return new CaptureOptions.Outbound(
                new Selection<>(all, all ? List.of() : cidrs(Flag.INCLUDE_CIDRS)),
                cidrs(Flag.EXCLUDE_CIDRS),
                ports(Flag.OUTBOUND_PORTS),
                ports(Flag.OUTBOUND_EXCLUDE),
                groups());
    }

    private CaptureOptions.OwnerGroups groups() throws InvalidOptionException {
        String include = env.getOrDefault("ISTIO_OUTBOUND_OWNER_GROUPS", "").strip();
        String exclude =
                env.getOrDefault("ISTIO_OUTBOUND_OWNER_GROUPS_EXCLUDE", "").strip();
        boolean all = include.isEmpty() || include.equals("*");
        if (!all && !exclude.isEmpty()) {
            throw new InvalidOptionException(
                    "$ISTIO_OUTBOUND_OWNER_GROUPS_EXCLUDE",
                    exclude,
                    "empty while ISTIO_OUTBOUND_OWNER_GROUPS lists groups");
        }
        return new CaptureOptions.OwnerGroups(
                new Selection<>(all, all ? List.of() : ids("$ISTIO_OUTBOUND_OWNER_GROUPS", include, false)),
                ids("$ISTIO_OUTBOUND_OWNER_GROUPS_EXCLUDE", exclude, false));
    }

    private Cidr loopback() throws InvalidOptionException {
        String text = env.getOrDefault("ISTIO_OUTBOUND_IPV4_LOOPBACK_CIDR", "").strip();
        return Cidr.parse(text.isEmpty() ? "127.0.0.1/32" : text)
                .filter(cidr -> cidr.family() == IpFamily.IPV4 && cidr.isLoopback())
                .orElseThrow(() -> new InvalidOptionException(
                        "$ISTIO_OUTBOUND_IPV4_LOOPBACK_CIDR", text, "a range within 127.0.0.0/8"));
    }

    private List<IdRange> ids(String name, String text, boolean users) throws InvalidOptionException {
        LinkedHashSet<IdRange> ids = new LinkedHashSet<>();
        for (String item : items(name, text)) {
            Optional<IdRange> range = IdRange.parse(item);
            if (range.isEmpty()) {
                OptionalLong id = users ? accounts.uid(item) : accounts.gid(item);
                range = id.isPresent() ? Optional.of(new IdRange(id.getAsLong(), id.getAsLong())) : Optional.empty();
            }
            ids.add(range.orElseThrow(() -> new InvalidOptionException(
                    name, item, (users ? "user" : "group") + " ids or names known here, separated by commas")));
        }
        return List.copyOf(ids);
    }

    private List<Integer> ports(Flag flag) throws InvalidOptionException {
        LinkedHashSet<Integer> ports = new LinkedHashSet<>();
        for (String item : items(flag.display(), flags.text(flag))) {
            int port = Numbers.parse(item, 1, 65535);
            if (port < 0) {
                throw flags.invalid(flag, item, flag == Flag.INBOUND_PORTS ? "* alone, or " + PORTS : PORTS);
            }
            ports.add(port);
        }
        return List.copyOf(ports);
    }

    private List<Cidr> cidrs(Flag flag) throws InvalidOptionException {
        LinkedHashSet<Cidr> cidrs = new LinkedHashSet<>();
        for (String item : items(flag.display(), flags.text(flag))) {
            String expected = flag == Flag.INCLUDE_CIDRS
                    ? "* alone, or ranges like 10.0.0.0/8, separated by commas"
                    : "ranges like 10.0.0.0/8, separated by commas; * cannot be excluded";
            cidrs.add(Cidr.parse(item).orElseThrow(() -> flags.invalid(flag, item, expected)));
        }
        return List.copyOf(cidrs);
    }

    private List<String> interfaces(Flag flag) throws InvalidOptionException {
        LinkedHashSet<String> names = new LinkedHashSet<>();
        for (String item : items(flag.display(), flags.text(flag))) {
            boolean plain = item.chars().allMatch(c -> c > ' ' && c < 127 && "/!\"'\\,".indexOf(c) < 0);
            if (!plain || item.length() > 15 || item.startsWith("-") || item.equals("+")) {
                throw flags.invalid(flag, item, "interface names of 1..15 characters, separated by commas");
            }
            names.add(item);
        }
        return List.copyOf(names);
    }

    private static List<String> items(String name, String text) throws InvalidOptionException {
        List<String> items = new ArrayList<>();
        for (String item : text.split(",", -1)) {
            if (!item.isBlank()) {
                items.add(item.strip());
            }
        }
        if (items.size() > MAX_LIST) {
            throw new InvalidOptionException(name, text, "at most " + MAX_LIST + " entries");
        }
        return items;
    }

    private int port(Flag flag) throws InvalidOptionException {
        return number(flag, 1, 65535);
    }

    private int number(Flag flag, int low, int high) throws InvalidOptionException {
        int value = Numbers.parse(flags.text(flag), low, high);
        if (value < 0) {
            throw flags.invalid(flag, flags.text(flag), "a number " + low + ".." + high);
        }
        return value;
    }

    private Duration duration(Flag flag) throws InvalidOptionException {
        String text = flags.text(flag);
        String unit = text.endsWith("ms") ? "ms" : text.endsWith("s") ? "s" : text.endsWith("m") ? "m" : "";
        int value = Numbers.parse(text.substring(0, text.length() - unit.length()), 1, 3_600_000);
        if (value < 0 || unit.isEmpty()) {
            throw flags.invalid(flag, text, "a time like 5s, 500ms or 1m");
        }
        return switch (unit) {
            case "ms" -> Duration.ofMillis(value);
            case "s" -> Duration.ofSeconds(value);
            default -> Duration.ofMinutes(value);
        };
    }
}
