package lateen.capture.render;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lateen.capture.model.Clause;
import lateen.capture.model.HookChain;
import lateen.capture.model.HookRule;
import lateen.capture.model.HookTable;
import lateen.capture.model.Netfilter;

/** All rules of a namespace for programs: a tree for JSON and YAML, and a graph in the language of dot(1). */
public final class ChainListing {
    private ChainListing() {}

    /** Maps and lists for {@link TreeText}. */
    public static Map<String, Object> tree(Netfilter rules) {
        List<Object> tables = new ArrayList<>();
        for (HookTable table : rules.tables()) {
            List<Object> chains = new ArrayList<>();
            for (HookChain chain : table.chains()) {
                Map<String, Object> node = new LinkedHashMap<>();
                node.put("name", chain.name());
                chain.base().ifPresent(base -> {
                    node.put("hook", base.hook().name());
                    node.put("priority", base.priority());
                    node.put("policy", base.drops() ? "drop" : "accept");
                });
                node.put(
                        "rules",
                        chain.rules().stream().map(r -> rule(table, chain, r)).toList());
                chains.add(node);
            }
            Map<String, Object> node = new LinkedHashMap<>();
            node.put("engine", table.engine().text());
            node.put(
                    "family",
                    table.family()
                            .map(f -> f.name().toLowerCase(java.util.Locale.ROOT))
                            .orElse("both"));
            node.put("name", table.name());
            node.put("chains", chains);
            tables.add(node);
        }
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("tables", tables);
        root.put("notes", rules.notes());
        return root;
    }

    private static Map<String, Object> rule(HookTable table, HookChain chain, HookRule rule) {
        Map<String, Object> node = new LinkedHashMap<>();
        node.put("rule", rule.text());
        node.put("sentence", ClauseWords.sentence(chain, rule));
        node.put("ours", table.ours(chain, rule));
        RuleOrigin.of(table, chain, rule).ifPresent(origin -> {
            node.put("flag", origin.flag());
            if (!origin.annotation().isEmpty()) {
                node.put("annotation", origin.annotation());
            }
        });
        rule.counters().ifPresent(c -> {
            node.put("packets", c.packets());
            node.put("bytes", c.bytes());
        });
        if (rule.hasUnknown()) {
            node.put("understood", false);
        }
        return node;
    }

    /** A graph: a node for each chain with its rules, an arrow for each jump. */
    public static String dot(Netfilter rules) {
        StringBuilder text =
                new StringBuilder("digraph capture {\n  rankdir=LR;\n  node [shape=box, fontname=monospace];\n");
        int number = 0;
        for (HookTable table : rules.tables()) {
            if (table.chains().stream().allMatch(c -> c.rules().isEmpty())) {
                continue;
            }
            String id = "t" + number++ + " ";
            text.append("  subgraph ").append(TreeText.quoted("cluster " + id)).append(" {\n    label=");
            text.append(TreeText.quoted(table.title())).append(";\n");
            for (HookChain chain : table.chains()) {
                StringBuilder label = new StringBuilder(chain.name());
                chain.rules().forEach(rule -> label.append('\n').append(rule.text()));
                text.append("    ").append(TreeText.quoted(id + chain.name())).append(" [label=");
                text.append(TreeText.quoted(label.toString()).replace("\\n", "\\l"))
                        .append("];\n");
            }
            text.append("  }\n");
            for (HookChain chain : table.chains()) {
                for (HookRule rule : chain.rules()) {
                    for (Clause clause : rule.clauses()) {
                        if (clause instanceof Clause.Jump(String target, var _)) {
                            text.append("  ")
                                    .append(TreeText.quoted(id + chain.name()))
                                    .append(" -> ");
                            text.append(TreeText.quoted(id + target)).append(";\n");
                        }
                    }
                }
            }
        }
        return text.append("}\n").toString();
    }
}
