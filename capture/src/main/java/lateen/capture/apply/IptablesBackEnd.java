package lateen.capture.apply;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import lateen.capture.host.CaptureException;
import lateen.capture.host.CommandRunner;
import lateen.capture.host.NamespaceCommands;
import lateen.capture.model.IpFamily;
import lateen.capture.model.OwnRules;
import lateen.capture.model.RuleSet;
import lateen.capture.model.Table;
import lateen.capture.model.TableRules;
import lateen.capture.read.IptablesBackend;
import lateen.capture.render.RestoreText;
import lateen.capture.render.RuleText;

/** Rules through the restore program of one of the two iptables: one step of the kernel for each table of each family. */
final class IptablesBackEnd implements BackEnd {
    private static final RuleSet NOTHING = new RuleSet(List.of());

    private final NamespaceCommands commands;
    private final IptablesInUse kernel;
    private final IptablesBackend iptables;
    private final Consumer<String> warnings;
    private RuleSet own = NOTHING;
    private Optional<CaptureException> ipv6Missing = Optional.empty();

    IptablesBackEnd(
            NamespaceCommands commands, IptablesInUse kernel, IptablesBackend iptables, Consumer<String> warnings) {
        this.commands = commands;
        this.kernel = kernel;
        this.iptables = iptables;
        this.warnings = warnings;
    }

    @Override
    public OwnState present() throws CaptureException {
        own = read();
        return OwnState.of(own);
    }

    private RuleSet read() throws CaptureException {
        List<TableRules> tables = new ArrayList<>(read(IpFamily.IPV4).tables());
        ipv6Missing = Optional.empty();
        try {
            tables.addAll(read(IpFamily.IPV6).tables());
        } catch (CaptureException e) {
            // A node can be without IPv6; whether that matters, the rules that are wanted will tell.
            ipv6Missing = Optional.of(e);
        }
        return new RuleSet(tables);
    }

    private RuleSet read(IpFamily family) throws CaptureException {
        return OwnRules.of(kernel.read(iptables, family));
    }

    @Override
    public OwnState wanted(RuleSet rules) {
        return OwnState.of(OwnRules.of(rules));
    }

    @Override
    public void check(RuleSet rules) throws CaptureException {
        RuleSet wanted = OwnRules.of(rules);
        if (ipv6Missing.isPresent()) {
            String why = ipv6Missing.get().getMessage();
            if (!wanted.family(IpFamily.IPV6).tables().isEmpty()) {
                throw new CaptureException(
                        "an interface here has an IPv6 address, but IPv6 rules cannot be written: " + why
                                + " (expected: ip6tables and its kernel modules, or no IPv6 address)",
                        ipv6Missing.get());
            }
            warnings.accept(
                    "this node has no IPv6 rules, and none are needed, as no interface has an IPv6 address: " + why);
        }
        for (IpFamily family : IpFamily.values()) {
            String text = RestoreText.replacement(unguarded(own), wanted, family);
            if (!text.isEmpty()) {
                Optional<String> refusal = refusal(family, text);
                if (refusal.isPresent()) {
                    throw new RefusedRule(iptables + " of " + name(family))
                            .among(
                                    wanted.family(family),
                                    refusal.get(),
                                    part -> refusal(family, RuleText.restore(part.alone(), family)),
                                    iptables.isLegacy() ? KernelModules::legacy : KernelModules::translated);
                }
            }
        }
    }

    /** What the kernel or the program says against a text; empty when it would take it. */
    private Optional<String> refusal(IpFamily family, String text) throws CaptureException {
        CommandRunner.Result result =
                commands.end(List.of(iptables.restore(family), "--test", "--noflush", "--wait", "5"), text);
        // Some lacks are only warned of, and then the rule is left out.
        boolean lacks = result.errors().toLowerCase(Locale.ROOT).contains("missing kernel module");
        return result.ok() && !lacks
                ? Optional.empty()
                : Optional.of(result.errors().strip());
    }

    @Override
    public void write(RuleSet rules) throws CaptureException {
        RuleSet wanted = OwnRules.of(rules);
        Set<IpFamily> touched = EnumSet.noneOf(IpFamily.class);
        try {
            for (IpFamily family : IpFamily.values()) {
                touched.add(family);
                restore(family, RestoreText.replacement(unguarded(own), wanted, family));
            }
        } catch (CaptureException e) {
            touched.forEach(family -> takeBack(family, e));
            throw e;
        }
    }

    // A text of several tables can fail in the middle: its undoing is worked out from what is there then.
    private void takeBack(IpFamily family, CaptureException cause) {
        if (family == IpFamily.IPV6 && ipv6Missing.isPresent()) {
            return;
        }
        try {
            RuleSet now = unguarded(read(family));
            restore(family, RestoreText.replacement(now, unguarded(own), family));
            prune(family, now);
        } catch (CaptureException e) {
            cause.addSuppressed(e);
        }
    }

    @Override
    public boolean remove() throws CaptureException {
        own = read();
        for (IpFamily family : IpFamily.values()) {
            restore(family, RestoreText.replacement(own, NOTHING, family));
            prune(family, own);
        }
        return !own.tables().isEmpty();
    }

    /** Without what {@link Guard} puts there, also that of a run which was killed: it opens when everything is written. */
    private static RuleSet unguarded(RuleSet rules) {
        return new RuleSet(rules.tables().stream()
                .filter(table -> table.table() != Table.FILTER)
                .toList());
    }

    /** The families that this node has. */
    Set<IpFamily> families() {
        return ipv6Missing.isPresent() ? EnumSet.of(IpFamily.IPV4) : EnumSet.allOf(IpFamily.class);
    }

    /** Takes away the rules of one table only. */
    void removeTable(IpFamily family, Table table) throws CaptureException {
        Optional<TableRules> there = read(family).table(family, table);
        if (there.isPresent()) {
            RuleSet part = new RuleSet(List.of(there.get()));
            restore(family, RestoreText.replacement(part, NOTHING, family));
            prune(family, part);
        }
    }

    /** Applies a text; each table of it in one step of the kernel. */
    void restore(IpFamily family, String text) throws CaptureException {
        if (!text.isEmpty()) {
            commands.run(List.of(iptables.restore(family), "--noflush", "--wait", "5"), text);
        }
    }

    /**
     * Takes away the built-in chains that exist only because something of ours was in them: nft makes them with the first
     * rule, and each costs every packet a hook. The empty table stays; no iptables command removes it.
     */
    private void prune(IpFamily family, RuleSet removed) throws CaptureException {
        if (removed.family(family).tables().isEmpty()) {
            return;
        }
        RuleSet left = kernel.read(iptables, family);
        for (TableRules table : removed.family(family).tables()) {
            boolean bare = left.table(family, table.table())
                    .filter(t -> new RuleSet(List.of(t)).isEmpty())
                    .filter(t -> t.chains().stream()
                            .allMatch(c -> c.policy().filter("ACCEPT"::equals).isPresent()))
                    .isPresent();
            if (bare) {
                commands.succeeds(
                        List.of(iptables.command(family), "-t", table.table().text(), "-X"));
            }
        }
    }

    private static String name(IpFamily family) {
        return family == IpFamily.IPV4 ? "IPv4" : "IPv6";
    }

    @Override
    public String toString() {
        return iptables.toString();
    }
}
