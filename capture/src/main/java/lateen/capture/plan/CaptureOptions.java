package lateen.capture.plan;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import lateen.capture.model.Cidr;
import lateen.capture.model.IdRange;

/**
 * Everything that {@code istio-iptables} can be asked for, validated. Source: the flags of Istio's tool of that name.
 *
 * @param loopbackIpv4 destinations that count as the workload's own loopback ({@code ISTIO_OUTBOUND_IPV4_LOOPBACK_CIDR})
 */
public record CaptureOptions(
        Ports ports,
        Proxy proxy,
        Inbound inbound,
        Outbound outbound,
        Interfaces interfaces,
        Tproxy tproxy,
        Dns dns,
        boolean dropInvalid,
        boolean dualStack,
        Cidr loopbackIpv4,
        Run run,
        Probe probe) {

    /** Ports of the sidecar, 1..65535 each. */
    public record Ports(int outbound, int inbound, int tunnel) {}

    /**
     * How the sidecar's own traffic is told from others': by the users and groups that it runs as, or, where all processes
     * have the same, by the mark of its sockets (1..2^31-1).
     */
    public record Proxy(List<IdRange> uids, List<IdRange> gids, OptionalInt mark) {}

    /** How inbound traffic is taken over. */
    public enum Mode {
        REDIRECT,
        TPROXY
    }

    /** What is captured on its way in; {@code excluded} counts only when all ports are captured. */
    public record Inbound(Mode mode, Selection<Integer> ports, List<Integer> excluded) {}

    /** What is captured on its way out. */
    public record Outbound(
            Selection<Cidr> cidrs,
            List<Cidr> excludedCidrs,
            List<Integer> ports,
            List<Integer> excludedPorts,
            OwnerGroups groups) {}

    /** Groups whose traffic is captured: all but {@code excluded}, or only those listed; never both lists. */
    public record OwnerGroups(Selection<IdRange> included, List<IdRange> excluded) {}

    /** Interfaces left alone, and interfaces of virtual machines whose traffic counts as outbound. */
    public record Interfaces(List<String> excluded, List<String> virtual) {}

    /** Mark (1..2^31-1) and routing table (1..2^31-1, none of the kernel's own) of transparent interception. */
    public record Tproxy(int mark, int routeTable) {
        /** Mark of a call that the proxy makes to its own workload's address: Istio's outbound mark, one above. */
        int loopMark() {
            return mark + 1;
        }
    }

    /** DNS capture. */
    public record Dns(boolean redirect, boolean all) {}

    /** What this run is to do with the rules. */
    public record Run(
            boolean dryRun,
            Optional<String> dryRunFile,
            boolean skipRuleApply,
            boolean reconcile,
            boolean cleanupOnly,
            boolean forceApply,
            boolean nativeNftables,
            boolean runValidation,
            Optional<String> networkNamespace,
            Optional<String> forceBinary) {}

    /** Of rule validation: the port that is called, 1..65535, and how long each call may take. */
    public record Probe(int port, Duration timeout) {}

    /**
     * Reads arguments and environment; an explicit flag wins over the environment, that over the default.
     *
     * @throws InvalidOptionException naming the flag, its value and what was expected
     */
    public static CaptureOptions parse(List<String> args, Map<String, String> env) throws InvalidOptionException {
        return parse(args, env, Accounts.ofSystem());
    }

    /** The text of {@code --help}. */
    public static String help() {
        return Flag.helpText();
    }

    static CaptureOptions parse(List<String> args, Map<String, String> env, Accounts accounts)
            throws InvalidOptionException {
        return new OptionReader(FlagValues.parse(args, env), env, accounts).read();
    }
}
