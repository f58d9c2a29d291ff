package lateen.capture.apply;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * All that can tell whether two states of a pod are the same: rules of every kind, policy rules, routes, addresses. The
 * order of rules counts, that of tables and chains does not; nor do counters, and tables and chains of the kernel's own
 * names without any rule.
 */
final class LabState {
    private LabState() {}

    static String of(Lab lab) throws IOException {
        Map<String, List<String>> chains = new TreeMap<>();
        saved("legacy4", lab.inPod("iptables-legacy-save"), chains);
        saved("legacy6", lab.inPod("ip6tables-legacy-save"), chains);
        listed(lab.inPod("nft -s -y list ruleset"), chains);
        List<String> lines = new ArrayList<>();
        chains.forEach((chain, rules) -> {
            // nft lists the chains of the kernel's own names also where iptables made them and nothing is in them.
            boolean bare = rules.stream().allMatch(rule -> rule.startsWith("type ") && rule.endsWith("policy accept;"));
            if (!bare || (rules.isEmpty() && !chain.matches(".* [A-Z]+"))) {
                lines.add(chain);
            }
            if (!bare) {
                rules.forEach(rule -> lines.add(chain + ": " + rule));
            }
        });
        for (String command : List.of("-4 rule", "-6 rule", "-4 route show table all", "-6 route show table all")) {
            lab.inPod("ip " + command)
                    .lines()
                    // Link-local addresses come and go by themselves while a link is new.
                    .filter(line -> !line.contains("fe80:"))
                    .map(line -> command + ": " + line.replaceAll("^\\d+:", "").strip())
                    .sorted()
                    .forEach(lines::add);
        }
        lab.inPod("ip -o addr show dev lo")
                .lines()
                .map(line -> line.replaceAll("valid_lft.*", ""))
                .sorted()
                .forEach(lines::add);
        return String.join("\n", lines);
    }

    private static void saved(String family, String text, Map<String, List<String>> chains) {
        String table = "";
        for (String line : text.lines().toList()) {
            if (line.startsWith("*")) {
                table = family + " " + line.substring(1) + " ";
            } else if (line.startsWith(":")) {
                chains.computeIfAbsent(table + line.substring(1).split(" ", 2)[0], _ -> new ArrayList<>());
            } else if (line.startsWith("-A ")) {
                String[] words = line.split(" ", 3);
                chains.computeIfAbsent(table + words[1], _ -> new ArrayList<>()).add(words[2]);
            }
        }
    }

    private static void listed(String text, Map<String, List<String>> chains) {
        String table = "";
        String chain = "";
        for (String line : text.lines().toList()) {
            String words = line.strip();
            if (line.startsWith("table ")) {
                table = words.replace(" {", "") + " ";
                if (table.startsWith("table inet")) {
                    chains.put(table.strip(), new ArrayList<>());
                }
            } else if (line.startsWith("\tchain ")) {
                chain = table + words.replace("chain ", "").replace(" {", "");
                chains.put(chain, new ArrayList<>());
            } else if (!words.isEmpty() && !words.equals("}")) {
                chains.computeIfAbsent(chain, _ -> new ArrayList<>()).add(words);
            }
        }
    }
}
