package lateen.capture.render;

import java.util.List;
import java.util.Optional;
import lateen.capture.model.Chain;
import lateen.capture.model.IpFamily;
import lateen.capture.model.RuleSet;
import lateen.capture.model.Table;
import lateen.capture.model.TableRules;

/** Texts for {@code iptables-restore --noflush} that turn one state of our rules into another. */
public final class RestoreText {
    private RestoreText() {}

    /**
     * Text that takes {@code own} away and puts {@code wanted} there, table by table, each in one step: at no time does a
     * packet meet a half-made table.
     */
    public static String replacement(RuleSet own, RuleSet wanted, IpFamily family) {
        StringBuilder text = new StringBuilder();
        for (Table table : Table.values()) {
            Optional<TableRules> old = own.table(family, table);
            Optional<TableRules> wish = wanted.table(family, table);
            if (old.equals(wish) || (old.isEmpty() && wish.isEmpty())) {
                continue;
            }
            text.append('*').append(table.text()).append('\n');
            List<Chain> oldChains = old.map(TableRules::chains).orElse(List.of());
            List<Chain> newChains = wish.map(TableRules::chains).orElse(List.of());
            for (Chain chain : newChains) {
                if (!chain.builtIn()) {
                    text.append(':').append(chain.name()).append(" - [0:0]\n");
                }
            }
            oldChains.stream()
                    .filter(c -> !c.ours())
                    .forEach(c -> c.rules()
                            .forEach(rule -> text.append("-D ")
                                    .append(RuleText.line(c.name(), rule).substring(3))
                                    .append('\n')));
            List<Chain> gone = oldChains.stream()
                    .filter(c -> c.ours()
                            && newChains.stream().noneMatch(n -> n.name().equals(c.name())))
                    .toList();
            gone.forEach(c -> text.append("-F ").append(c.name()).append('\n'));
            gone.forEach(c -> text.append("-X ").append(c.name()).append('\n'));
            newChains.forEach(c -> c.rules()
                    .forEach(rule -> text.append(RuleText.line(c.name(), rule)).append('\n')));
            text.append("COMMIT\n");
        }
        return text.toString();
    }
}
