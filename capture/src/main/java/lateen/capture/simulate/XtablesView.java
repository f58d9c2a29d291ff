package lateen.capture.simulate;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lateen.capture.model.Chain;
import lateen.capture.model.Clause;
import lateen.capture.model.Hook;
import lateen.capture.model.HookChain;
import lateen.capture.model.HookRule;
import lateen.capture.model.HookTable;
import lateen.capture.model.IpFamily;
import lateen.capture.model.Rule;
import lateen.capture.model.RuleSet;
import lateen.capture.model.Table;
import lateen.capture.model.TableRules;
import lateen.capture.render.RuleText;

/** Tables of iptables, planned or read, in the form that can be walked. */
public final class XtablesView {
    private XtablesView() {}

    /** @param engine which of the two iptables holds them */
    public static List<HookTable> of(RuleSet rules, HookTable.Engine engine) {
        List<HookTable> tables = new ArrayList<>();
        for (TableRules table : rules.tables()) {
            List<HookChain> chains = new ArrayList<>();
            for (Chain chain : table.chains()) {
                chains.add(new HookChain(
                        chain.name(),
                        base(table.table(), chain),
                        chain.rules().stream()
                                .map(rule -> rule(table.family(), rule))
                                .toList()));
            }
            tables.add(new HookTable(
                    engine, Optional.of(table.family()), table.table().text(), chains));
        }
        return tables;
    }

    private static HookRule rule(IpFamily family, Rule rule) {
        String text = RuleText.spec(rule);
        List<Clause> clauses = switch (rule) {
            case Rule.Known known -> RuleClauses.of(known);
            case Rule.Opaque opaque -> SpecClauses.of(family, opaque.spec());
        };
        return new HookRule(text, clauses, Optional.of(rule.counters()));
    }

    /** The kernel's own priorities (nft(8), "standard priority names"). */
    private static Optional<HookChain.Base> base(Table table, Chain chain) {
        return (chain.builtIn() ? Hook.of(chain.name()) : Optional.<Hook>empty())
                .map(hook -> new HookChain.Base(
                        hook,
                        kind(table, hook),
                        switch (table) {
                            case RAW -> -300;
                            case MANGLE -> -150;
                            case NAT -> hook == Hook.INPUT || hook == Hook.POSTROUTING ? 100 : -100;
                            case FILTER -> 0;
                        },
                        chain.policy().filter("DROP"::equals).isPresent()));
    }

    private static HookChain.Kind kind(Table table, Hook hook) {
        return table == Table.NAT
                ? HookChain.Kind.NAT
                : table == Table.MANGLE && hook == Hook.OUTPUT ? HookChain.Kind.ROUTE : HookChain.Kind.FILTER;
    }
}
