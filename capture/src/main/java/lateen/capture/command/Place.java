package lateen.capture.command;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import lateen.capture.host.CaptureException;
import lateen.capture.host.NamespaceCommands;
import lateen.capture.host.NetworkNamespace;
import lateen.capture.host.ProcessRunner;
import lateen.capture.model.HookTable;
import lateen.capture.model.Netfilter;
import lateen.capture.model.RuleSet;
import lateen.capture.plan.InvalidOptionException;
import lateen.capture.read.NamespaceReader;
import lateen.capture.read.NamespaceState;
import lateen.capture.simulate.XtablesView;

/** The namespace that a command looks at: {@code --pid}, {@code --netns}, or the own one. */
record Place(NetworkNamespace namespace, String name, OptionalLong pid) {
    /** Flags that name it. */
    static final Set<String> FLAGS = Set.of("--pid", "--netns", "-n", "--namespace");

    static final String HELP = """
              --pid PID     the namespace of a process
              --netns NAME  a namespace that `ip netns` lists, or a path like /proc/PID/ns/net
              current       the namespace of this command, as without a target
            """;

    /** Reads the flags, and the words {@code current} and {@code pod/name} where a target may stand. */
    static Place of(Arguments arguments, List<String> words) throws InvalidOptionException, IOException {
        for (String word : words) {
            if (!word.equals("current")) {
                throw new InvalidOptionException("target", word, expected(word));
            }
        }
        if (arguments.has("-n") || arguments.has("--namespace")) {
            throw new InvalidOptionException("-n", arguments.value("-n").orElse(""), expected("pod/"));
        }
        Optional<String> netns = arguments.value("--netns");
        long pid = arguments.number("--pid", 1, Integer.MAX_VALUE, 0);
        long targets = words.size() + netns.stream().count() + (pid > 0 ? 1 : 0);
        if (targets > 1) {
            throw new InvalidOptionException(
                    "--netns", netns.orElse("current"), "one of --pid, --netns and current, once");
        }
        if (pid > 0) {
            return new Place(NetworkNamespace.parse(Long.toString(pid)), "process " + pid, OptionalLong.of(pid));
        }
        if (netns.isPresent() && !netns.get().equals("current")) {
            return new Place(NetworkNamespace.parse(netns.get()), netns.get(), OptionalLong.empty());
        }
        return new Place(NetworkNamespace.own(), "this namespace", OptionalLong.empty());
    }

    private static String expected(String word) {
        String kubernetes = word.contains("/") || word.length() >= 12
                ? "; pods and container ids cannot be looked up without a cluster's API: on the node, find the process"
                        + " (crictl inspect) and give its --pid"
                : "";
        return "--pid PID, --netns NAME or current" + kubernetes;
    }

    NamespaceCommands commands() {
        return new NamespaceCommands(new ProcessRunner(Duration.ofSeconds(30)), namespace);
    }

    NamespaceState read() throws CaptureException {
        return new NamespaceReader(commands()).read();
    }

    /** All rules of a state, legacy ones first. */
    static Netfilter rules(NamespaceState state) {
        List<HookTable> tables = new ArrayList<>();
        List<String> notes = new ArrayList<>(state.notes());
        for (HookTable.Engine engine : HookTable.Engine.values()) {
            tables.addAll(XtablesView.of(state.xtables().getOrDefault(engine, new RuleSet(List.of())), engine));
        }
        tables.addAll(state.nativeTables());
        Netfilter all = new Netfilter(tables, notes);
        notes.addAll(RivalChains.notes(all));
        return new Netfilter(tables, notes);
    }
}
