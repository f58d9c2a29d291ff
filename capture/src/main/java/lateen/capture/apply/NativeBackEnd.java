package lateen.capture.apply;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import lateen.capture.host.CaptureException;
import lateen.capture.host.CommandRunner;
import lateen.capture.host.NamespaceCommands;
import lateen.capture.model.OwnRules;
import lateen.capture.model.RuleSet;
import lateen.capture.render.NftText;

/** Rules in nftables' own form: tables that are ours as a whole, all replaced in one transaction of the kernel. */
final class NativeBackEnd implements BackEnd {
    static final String PROGRAM = "nft";

    /** Well below what the kernel takes as one argument (128 KiB). */
    private static final int ARGUMENT = 100_000;

    private final NamespaceCommands commands;

    NativeBackEnd(NamespaceCommands commands) {
        this.commands = commands;
    }

    @Override
    public OwnState present() throws CaptureException {
        // Without counters, priorities as numbers: the form that we write.
        List<String> command = List.of(PROGRAM, "-s", "-y", "list", "ruleset", "inet");
        CommandRunner.Result result = commands.end(command, "");
        EngineMissingException.check(toString(), "nf_tables", result);
        return listed(commands.output(command, result));
    }

    /** Our tables of a listing; whatever is in them is ours to answer for. */
    private static OwnState listed(String listing) {
        Map<String, List<String>> tables = new TreeMap<>();
        String table = "";
        String chain = "";
        TreeMap<String, List<String>> chains = new TreeMap<>();
        for (String line : listing.lines().toList()) {
            String text = line.strip();
            if (line.startsWith("table inet ") && line.endsWith(" {")) {
                table = line.substring("table inet ".length(), line.length() - 2);
                chain = "";
                chains.clear();
            } else if (line.equals("}")) {
                if (NftText.TABLES.containsValue(table)) {
                    tables.put("inet " + table, flat(chains));
                }
                table = "";
            } else if (line.startsWith("\tchain ") && line.endsWith(" {")) {
                chain = text.substring("chain ".length(), text.length() - 2);
                chains.put(chain, new ArrayList<>());
            } else if (line.equals("\t}")) {
                chain = "";
            } else if (!text.isEmpty()) {
                chains.computeIfAbsent(chain, _ -> new ArrayList<>()).add(text);
            }
        }
        return new OwnState(tables);
    }

    private static List<String> flat(Map<String, List<String>> chains) {
        List<String> lines = new ArrayList<>();
        new TreeMap<>(chains).forEach((chain, rules) -> {
            // Without a chain: sets and the like, which we never make.
            if (!chain.isEmpty()) {
                lines.add("chain " + chain);
            }
            rules.forEach(rule -> lines.add(chain.isEmpty() ? rule : chain + ": " + rule));
        });
        return lines;
    }

    @Override
    public OwnState wanted(RuleSet rules) {
        Map<String, List<String>> tables = new TreeMap<>();
        NftText.tables(OwnRules.of(rules)).forEach((table, chains) -> tables.put("inet " + table, flat(chains)));
        return new OwnState(tables);
    }

    @Override
    public void check(RuleSet rules) throws CaptureException {
        RuleSet wanted = OwnRules.of(rules);
        Optional<String> refusal = refusal(NftText.transaction(wanted));
        if (refusal.isPresent()) {
            throw new RefusedRule(toString())
                    .among(
                            wanted,
                            refusal.get(),
                            part -> refusal(NftText.transaction(part.alone())),
                            KernelModules::nftables);
        }
    }

    private Optional<String> refusal(String text) throws CaptureException {
        CommandRunner.Result result = commands.end(command(List.of("-c"), text), "");
        return result.ok() ? Optional.empty() : Optional.of(result.errors().strip());
    }

    /**
     * The transaction as arguments, which nft puts together again: who is killed while writing to a pipe leaves a
     * shorter text, and one that ends after the old tables are deleted would be carried out. The longest lists that
     * options may hold make 1.4 million characters; a process may be given 2 MiB where nobody has lowered the limit of its
     * stack (execve(2)), and one that is given too much does not start.
     */
    private static List<String> command(List<String> flags, String text) {
        List<String> command = new ArrayList<>(List.of(PROGRAM));
        command.addAll(flags);
        StringBuilder argument = new StringBuilder();
        for (String line : text.lines().toList()) {
            if (argument.length() + line.length() > ARGUMENT) {
                command.add(argument.toString());
                argument.setLength(0);
            }
            argument.append(line).append('\n');
        }
        command.add(argument.toString());
        return command;
    }

    @Override
    public void write(RuleSet rules) throws CaptureException {
        commands.run(command(List.of(), NftText.transaction(OwnRules.of(rules))), "");
    }

    @Override
    public boolean remove() throws CaptureException {
        boolean found = !present().isEmpty();
        if (found) {
            commands.run(command(List.of(), NftText.transaction(new RuleSet(List.of()))), "");
        }
        return found;
    }

    @Override
    public String toString() {
        return "native nftables";
    }
}
