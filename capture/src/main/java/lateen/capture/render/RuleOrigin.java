package lateen.capture.render;

import java.util.List;
import java.util.Optional;
import lateen.capture.model.Clause;
import lateen.capture.model.HookChain;
import lateen.capture.model.HookRule;
import lateen.capture.model.HookTable;

/**
 * What made a rule of ours: the flag of {@code istio-iptables}, and the pod's annotation that sets it.
 *
 * @param annotation empty when there is none
 */
public record RuleOrigin(String flag, String annotation) {
    private static final String TRAFFIC = "traffic.sidecar.istio.io/";
    private static final RuleOrigin ALWAYS = new RuleOrigin("part of every capture", "");
    private static final RuleOrigin DNS =
            new RuleOrigin("--redirect-dns", "proxy.istio.io/config (proxyMetadata.ISTIO_META_DNS_CAPTURE)");
    private static final RuleOrigin TPROXY =
            new RuleOrigin("--istio-inbound-interception-mode (-m)", "sidecar.istio.io/interceptionMode");
    private static final RuleOrigin INBOUND =
            new RuleOrigin("--istio-inbound-ports (-b)", TRAFFIC + "includeInboundPorts");
    private static final RuleOrigin INTERFACES =
            new RuleOrigin("--istio-exclude-interfaces (-c)", TRAFFIC + "excludeInterfaces");
    private static final RuleOrigin VIRTUAL =
            new RuleOrigin("--kube-virt-interfaces (-k)", "istio.io/reroute-virtual-interfaces");

    /** In brackets after a sentence. */
    public String words() {
        return annotation.isEmpty() ? flag : flag + "; annotation " + annotation;
    }

    /** Empty for rules that are not capture's. */
    public static Optional<RuleOrigin> of(HookTable table, HookChain chain, HookRule rule) {
        if (table.watches()) {
            return Optional.of(new RuleOrigin(
                    "capture watch, process " + table.name().substring(HookTable.WATCH.length())
                            + "; gone when that ends",
                    ""));
        }
        if (!table.ours(chain, rule)) {
            return Optional.empty();
        }
        String target = target(rule);
        String name = chain.canonicalName();
        if (table.canonicalName().equals("raw")
                || name.equals("ISTIO_OUTPUT_DNS")
                || target.equals("ISTIO_OUTPUT_DNS")) {
            return Optional.of(DNS);
        }
        return Optional.of(
                switch (name) {
                    case "ISTIO_INBOUND" -> inbound(table, rule, target);
                    case "ISTIO_IN_REDIRECT" -> new RuleOrigin("--inbound-capture-port (-z)", "");
                    case "ISTIO_REDIRECT" -> new RuleOrigin("--envoy-port (-p)", "");
                    case "ISTIO_OUTPUT" -> table.canonicalName().equals("mangle") ? TPROXY : output(rule, target);
                    case "ISTIO_VIRTUAL" -> destinations(rule, target);
                    case "ISTIO_TPROXY", "ISTIO_DIVERT" -> TPROXY;
                    case "ISTIO_DROP" -> new RuleOrigin("--drop-invalid", "");
                    case "ISTIO_GUARD" -> new RuleOrigin("a run with --reconcile that was interrupted", "");
                    default -> builtIn(target);
                });
    }

    private static RuleOrigin builtIn(String target) {
        return switch (target) {
            case "ISTIO_INBOUND" -> INBOUND;
            case "ISTIO_VIRTUAL" -> VIRTUAL;
            case "ISTIO_DROP" -> new RuleOrigin("--drop-invalid", "");
            default -> ALWAYS;
        };
    }

    private static RuleOrigin inbound(HookTable table, HookRule rule, String target) {
        Optional<Clause.DeviceIs> device = device(rule);
        if (device.isPresent() && !device.get().patterns().contains("lo")) {
            return INTERFACES;
        }
        if (table.canonicalName().equals("mangle")
                && (number(rule, Clause.Key.MARK).isPresent()
                        || rule.clauses().stream().anyMatch(Clause.DirectionIs.class::isInstance))) {
            return TPROXY;
        }
        Optional<Clause.NumberIs> port = number(rule, Clause.Key.DESTINATION_PORT);
        if (port.isPresent() && target.isEmpty()) {
            return port.get().spans().contains(Clause.Span.one(15008))
                    ? new RuleOrigin("--inbound-tunnel-port (-e)", "")
                    : new RuleOrigin("--istio-local-exclude-ports (-d)", TRAFFIC + "excludeInboundPorts");
        }
        return INBOUND;
    }

    private static RuleOrigin output(HookRule rule, String target) {
        Optional<Clause.NumberIs> user = number(rule, Clause.Key.USER);
        Optional<Clause.NumberIs> group = number(rule, Clause.Key.GROUP);
        if (number(rule, Clause.Key.MARK).isPresent()) {
            return new RuleOrigin("--proxy-mark", "");
        }
        if (user.isPresent()) {
            return new RuleOrigin("--proxy-uid (-u)", "");
        }
        if (group.isPresent()) {
            return group.get().negated()
                    ? new RuleOrigin("ISTIO_OUTBOUND_OWNER_GROUPS", "")
                    : new RuleOrigin("--proxy-gid (-g) or ISTIO_OUTBOUND_OWNER_GROUPS_EXCLUDE", "");
        }
        Optional<Clause.DeviceIs> device = device(rule);
        if (device.isPresent()) {
            return device.get().patterns().contains("lo") ? ALWAYS : INTERFACES;
        }
        return destinations(rule, target);
    }

    private static RuleOrigin destinations(HookRule rule, String target) {
        boolean ports = number(rule, Clause.Key.DESTINATION_PORT).isPresent();
        boolean captured = target.equals("ISTIO_REDIRECT");
        if (device(rule).isPresent()) {
            return INTERFACES;
        }
        if (ports) {
            return captured
                    ? new RuleOrigin("--istio-outbound-ports (-q)", TRAFFIC + "includeOutboundPorts")
                    : new RuleOrigin("--istio-local-outbound-ports-exclude (-o)", TRAFFIC + "excludeOutboundPorts");
        }
        if (captured) {
            return new RuleOrigin("--istio-service-cidr (-i)", TRAFFIC + "includeOutboundIPRanges");
        }
        boolean loopback = rule.clauses().stream()
                .anyMatch(c -> c instanceof Clause.AddressIn in
                        && in.spans().stream().allMatch(s -> s.low().isLoopbackAddress()));
        return loopback
                ? new RuleOrigin("ISTIO_OUTBOUND_IPV4_LOOPBACK_CIDR", "")
                : new RuleOrigin("--istio-service-exclude-cidr (-x)", TRAFFIC + "excludeOutboundIPRanges");
    }

    private static String target(HookRule rule) {
        return rule.clauses().stream()
                .filter(Clause.Jump.class::isInstance)
                .map(c -> new HookChain(((Clause.Jump) c).chain(), Optional.empty(), List.of()).canonicalName())
                .findFirst()
                .orElse("");
    }

    private static Optional<Clause.DeviceIs> device(HookRule rule) {
        return rule.clauses().stream()
                .filter(Clause.DeviceIs.class::isInstance)
                .map(Clause.DeviceIs.class::cast)
                .findFirst();
    }

    private static Optional<Clause.NumberIs> number(HookRule rule, Clause.Key key) {
        return rule.clauses().stream()
                .filter(Clause.NumberIs.class::isInstance)
                .map(Clause.NumberIs.class::cast)
                .filter(n -> n.key() == key)
                .findFirst();
    }
}
