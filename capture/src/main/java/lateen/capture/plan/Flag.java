package lateen.capture.plan;

import java.util.List;
import java.util.Locale;

/** The one table of flags: names, short forms, environment, defaults, help. Parsing and {@code --help} both read it. */
enum Flag {
    ENVOY_PORT("envoy-port", "p", Kind.VALUE, "15001", "port to which captured outbound traffic goes"),
    INBOUND_CAPTURE_PORT(
            "inbound-capture-port", "z", Kind.VALUE, "15006", "port to which captured inbound traffic goes"),
    INBOUND_TUNNEL_PORT("inbound-tunnel-port", "e", Kind.VALUE, "15008", "port of tunnels between sidecars"),
    PROXY_UID(
            "proxy-uid", "u", Kind.VALUE, "", "users that the proxy runs as (default: uid of istio-proxy, else 1337)"),
    PROXY_GID("proxy-gid", "g", Kind.VALUE, "", "groups that the proxy runs as (default: as proxy-uid)"),
    PROXY_MARK(
            "proxy-mark", "", Kind.VALUE, "", "mark of what the proxy sends, instead of user and group (Lateen's own)"),
    MODE("istio-inbound-interception-mode", "m", Kind.VALUE, "", "REDIRECT or TPROXY; empty acts as REDIRECT"),
    INBOUND_PORTS("istio-inbound-ports", "b", Kind.VALUE, "", "inbound ports to capture; * means all, empty none"),
    INBOUND_EXCLUDE("istio-local-exclude-ports", "d", Kind.VALUE, "", "inbound ports to leave alone when -b is *"),
    EXCLUDE_INTERFACES("istio-exclude-interfaces", "c", Kind.VALUE, "", "interfaces whose traffic is left alone"),
    INCLUDE_CIDRS(
            "istio-service-cidr", "i", Kind.VALUE, "", "outbound destinations to capture; * means all, empty none"),
    EXCLUDE_CIDRS("istio-service-exclude-cidr", "x", Kind.VALUE, "", "outbound destinations to leave alone"),
    OUTBOUND_PORTS("istio-outbound-ports", "q", Kind.VALUE, "", "outbound ports to capture wherever they lead"),
    OUTBOUND_EXCLUDE("istio-local-outbound-ports-exclude", "o", Kind.VALUE, "", "outbound ports to leave alone"),
    VIRTUAL_INTERFACES(
            "kube-virt-interfaces", "k", Kind.VALUE, "", "interfaces whose inbound traffic counts as outbound"),
    TPROXY_MARK("istio-inbound-tproxy-mark", "t", Kind.VALUE, "1337", "mark of packets for the transparent listener"),
    TPROXY_TABLE("istio-inbound-tproxy-route-table", "r", Kind.VALUE, "133", "routing table for marked packets"),
    DRY_RUN("dry-run", "n", Kind.SWITCH, "false", "print the rules, apply nothing"),
    PROBE_PORT("iptables-probe-port", "", Kind.VALUE, "15002", "port used when validating rules"),
    PROBE_TIMEOUT("probe-timeout", "", Kind.VALUE, "5s", "time allowed for validating rules"),
    RUN_VALIDATION(
            "run-validation",
            "",
            Kind.SWITCH,
            "false",
            "try the rules with connections; status 126 if one lands elsewhere"),
    SKIP_RULE_APPLY("skip-rule-apply", "", Kind.SWITCH, "false", "write no rules"),
    REDIRECT_DNS("redirect-dns", "", Kind.SWITCH, "false", "capture DNS to the servers of resolv.conf"),
    CAPTURE_ALL_DNS("capture-all-dns", "", Kind.SWITCH, "false", "with redirect-dns: capture DNS to all servers"),
    DROP_INVALID("drop-invalid", "", Kind.SWITCH, "false", "drop packets that conntrack calls invalid"),
    DUAL_STACK("dual-stack", "", Kind.SWITCH, "false", "write IPv6 rules when any address is IPv6"),
    RECONCILE("reconcile", "", Kind.SWITCH, "false", "replace rules that differ"),
    CLEANUP_ONLY("cleanup-only", "", Kind.SWITCH, "false", "remove the rules, write none"),
    FORCE_APPLY("force-apply", "", Kind.SWITCH, "false", "write without looking at what is there"),
    CNI_MODE("cni-mode", "", Kind.SWITCH, "false", "run for a CNI plugin, on a namespace that is not the own one"),
    NATIVE_NFTABLES(
            "native-nftables",
            "",
            Kind.SWITCH,
            "false",
            "write nftables rules, in tables of our own, instead of iptables"),
    NETWORK_NAMESPACE("network-namespace", "", Kind.VALUE, "", "namespace to work in: a path, a name, or a process id"),
    FORCE_BINARY(
            "force-iptables-binary", "", Kind.VALUE, "", "legacy, nft, or an iptables command, instead of detection"),
    LOG_OUTPUT_LEVEL("log_output_level", "", Kind.VALUE, "default:info", "accepted as Istio's injector passes it"),
    LOG_AS_JSON("log_as_json", "", Kind.SWITCH, "false", "accepted as Istio's injector passes it");

    enum Kind {
        VALUE,
        SWITCH
    }

    final String longName;
    final String shortName;
    final Kind kind;
    final String defaultValue;
    final String help;

    Flag(String longName, String shortName, Kind kind, String defaultValue, String help) {
        this.longName = longName;
        this.shortName = shortName;
        this.kind = kind;
        this.defaultValue = defaultValue;
        this.help = help;
    }

    /** Environment variables that set the default, the first that is set and not empty winning. */
    List<String> environment() {
        String derived = longName.replace('-', '_').toUpperCase(Locale.ROOT);
        return switch (this) {
            case ENVOY_PORT -> List.of();
            case REDIRECT_DNS -> List.of("ISTIO_META_DNS_CAPTURE", derived);
            case DROP_INVALID -> List.of("INVALID_DROP", derived);
            case DUAL_STACK -> List.of("ISTIO_DUAL_STACK", derived);
            case PROXY_UID,
                    PROXY_GID,
                    PROXY_MARK,
                    INBOUND_CAPTURE_PORT,
                    INBOUND_TUNNEL_PORT,
                    MODE,
                    INBOUND_PORTS,
                    INBOUND_EXCLUDE,
                    EXCLUDE_INTERFACES,
                    INCLUDE_CIDRS,
                    EXCLUDE_CIDRS,
                    OUTBOUND_PORTS,
                    OUTBOUND_EXCLUDE,
                    VIRTUAL_INTERFACES,
                    TPROXY_MARK,
                    TPROXY_TABLE,
                    DRY_RUN,
                    PROBE_PORT,
                    PROBE_TIMEOUT,
                    RUN_VALIDATION,
                    SKIP_RULE_APPLY,
                    CAPTURE_ALL_DNS,
                    RECONCILE,
                    CLEANUP_ONLY,
                    FORCE_APPLY,
                    CNI_MODE,
                    NATIVE_NFTABLES,
                    NETWORK_NAMESPACE,
                    FORCE_BINARY,
                    LOG_OUTPUT_LEVEL,
                    LOG_AS_JSON -> List.of(derived);
        };
    }

    /** How messages name the flag: {@code --istio-inbound-ports (-b)}. */
    String display() {
        return shortName.isEmpty() ? "--" + longName : "--" + longName + " (-" + shortName + ")";
    }

    /** The text of {@code --help}. */
    static String helpText() {
        StringBuilder text = new StringBuilder(4096);
        text.append("Usage: istio-iptables [flags]\n\nWrites the rules that send a workload's traffic through its")
                .append(" sidecar.\n\nFlags:\n");
        for (Flag flag : values()) {
            text.append(flag.shortName.isEmpty() ? "      " : "  -" + flag.shortName + ", ");
            String name = "--" + flag.longName + (flag.kind == Kind.VALUE ? " value" : "");
            text.append(name)
                    .append(" ".repeat(Math.max(1, 44 - name.length())))
                    .append(flag.help);
            if (!flag.defaultValue.isEmpty() && !flag.defaultValue.equals("false")) {
                text.append(" (default ").append(flag.defaultValue).append(')');
            }
            if (!flag.environment().isEmpty()) {
                text.append(" [$").append(flag.environment().getFirst()).append(']');
            }
            text.append('\n');
        }
        return text.append("  -h, --help\n\nEnvironment only:\n")
                .append("  ISTIO_OUTBOUND_OWNER_GROUPS          groups to capture (*)\n")
                .append("  ISTIO_OUTBOUND_OWNER_GROUPS_EXCLUDE  groups to leave alone\n")
                .append("  ISTIO_OUTBOUND_IPV4_LOOPBACK_CIDR    loopback (127.0.0.1/32)\n")
                .append("  ENVOY_USER                           the proxy's user (istio-proxy)\n")
                .append("  DRY_RUN_FILE_PATH                    file for the rules of a dry run\n")
                .toString();
    }
}
