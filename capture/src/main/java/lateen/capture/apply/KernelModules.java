package lateen.capture.apply;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lateen.capture.model.IpFamily;
import lateen.capture.model.Match;
import lateen.capture.model.Rule;
import lateen.capture.model.Table;
import lateen.capture.model.Target;

/** Which kernel modules a rule or a table needs, by the names of the kernel's own build files (net/netfilter/Makefile). */
final class KernelModules {
    private KernelModules() {}

    static List<String> legacy(RefusedRule.Part part) {
        String family = part.family() == IpFamily.IPV4 ? "ip" : "ip6";
        return part.rule().isPresent()
                ? extensions(part.rule().get())
                : List.of(family + "_tables", family + "table_" + part.table().text());
    }

    /** For iptables on top of nftables. */
    static List<String> translated(RefusedRule.Part part) {
        if (part.rule().isEmpty()) {
            return tables(part.table());
        }
        List<String> modules = new ArrayList<>(List.of("nft_compat"));
        modules.addAll(extensions(part.rule().get()));
        return modules;
    }

    static List<String> nftables(RefusedRule.Part part) {
        if (part.rule().isEmpty()) {
            return tables(part.table());
        }
        List<String> modules = new ArrayList<>();
        target(part.rule().get().target(), "nft_redir", "nft_tproxy", "nft_ct", "nft_ct", "nf_tables")
                .ifPresent(modules::add);
        boolean conntrack = part.rule().get().matches().stream()
                .anyMatch(m ->
                        m instanceof Match.State || m instanceof Match.Direction || m instanceof Match.ConnectionMark);
        if (conntrack && !modules.contains("nft_ct")) {
            modules.add("nft_ct");
        }
        return modules.isEmpty() ? List.of("nf_tables") : modules;
    }

    private static List<String> tables(Table table) {
        return table == Table.NAT ? List.of("nf_tables", "nft_chain_nat") : List.of("nf_tables");
    }

    private static List<String> extensions(Rule.Known rule) {
        List<String> modules = new ArrayList<>();
        for (Match match : rule.matches()) {
            Optional<String> module = switch (match) {
                case Match.User _, Match.Group _ -> Optional.of("xt_owner");
                case Match.Mark _ -> Optional.of("xt_mark");
                case Match.ConnectionMark _ -> Optional.of("xt_connmark");
                case Match.State _, Match.Direction _ -> Optional.of("xt_conntrack");
                case Match.SourcePort _, Match.DestinationPort _ -> Optional.of("xt_tcpudp");
                case Match.Source _,
                        Match.Destination _,
                        Match.InInterface _,
                        Match.OutInterface _,
                        Match.Transport _ -> Optional.empty();
            };
            module.filter(m -> !modules.contains(m)).ifPresent(modules::add);
        }
        target(rule.target(), "xt_REDIRECT", "xt_TPROXY", "xt_connmark", "xt_CT", "xt_mark")
                .filter(m -> !modules.contains(m))
                .ifPresent(modules::add);
        return modules.isEmpty() ? List.of("x_tables") : modules;
    }

    private static Optional<String> target(
            Target target, String redirect, String tproxy, String connectionMark, String zone, String mark) {
        return switch (target) {
            case Target.Redirect _ -> Optional.of(redirect);
            case Target.Tproxy _ -> Optional.of(tproxy);
            case Target.SaveMark _, Target.RestoreMark _ -> Optional.of(connectionMark);
            case Target.ConntrackZone _ -> Optional.of(zone);
            case Target.SetMark _ -> Optional.of(mark);
            case Target.Return _, Target.Accept _, Target.Drop _, Target.Jump _ -> Optional.empty();
        };
    }
}
