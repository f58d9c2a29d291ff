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
import lateen.capture.read.Workloads;
import lateen.capture.simulate.XtablesView;

/**
 * The namespace that a command looks at.
 *
 * @param owner the process whose user and group packets have unless something else is said; empty for a namespace or pod
 */
record Place(NetworkNamespace namespace, String name, OptionalLong owner) {
    /** Flags that name it. */
    static final Set<String> FLAGS = Set.of("--pid", "--netns", "-n", "--namespace");

    static final String HELP = """
              pod/NAME -n NS  a pod of this node (NS: default)
              CONTAINER       a container of this node: its id, 12 digits of it, containerd://ID, or container/NAME
              --pid PID       the namespace of a process
              --netns NAME    a namespace that `ip netns` lists, or a path like /proc/PID/ns/net
              current         the namespace of this command, as without a target
            """;

    private static final String EXPECTED = "pod/NAME with -n NAMESPACE, a container id, --pid, --netns or current";

    /** Whether a word names a target. */
    static boolean isTarget(String word) {
        return word.equals("current") || word.contains("/") || word.matches("[0-9a-f]{12,64}");
    }

    /** Reads the flags, and the words that stand where a target may. */
    static Place of(Arguments arguments, List<String> words) throws InvalidOptionException, IOException {
        return of(arguments, words, new Workloads());
    }

    static Place of(Arguments arguments, List<String> words, Workloads workloads)
            throws InvalidOptionException, IOException {
        Optional<String> netns = arguments.value("--netns");
        long pid = arguments.number("--pid", 1, Integer.MAX_VALUE, 0);
        String word = words.isEmpty() ? "" : words.getFirst();
        if (words.size() + netns.stream().count() + (pid > 0 ? 1 : 0) > 1) {
            throw new InvalidOptionException("target", String.join(" ", words), "one target: " + EXPECTED);
        }
        Optional<String> kubernetes = arguments.value("-n").or(() -> arguments.value("--namespace"));
        if (kubernetes.isPresent() && !word.startsWith("pod/")) {
            throw new InvalidOptionException("-n", kubernetes.get(), "pod/NAME beside it");
        }
        if (pid > 0) {
            return ofProcess(pid, "process " + pid, OptionalLong.of(pid));
        }
        if (netns.isPresent() && !netns.get().equals("current")) {
            return new Place(NetworkNamespace.parse(netns.get()), netns.get(), OptionalLong.empty());
        }
        if (word.isEmpty() || word.equals("current")) {
            return new Place(NetworkNamespace.own(), "this namespace", OptionalLong.empty());
        }
        if (word.startsWith("pod/")) {
            String pod = word.substring("pod/".length());
            String in = kubernetes.orElse("default");
            // The process found holds the network; the application has another user.
            return ofProcess(workloads.ofPod(in, pod), "pod " + in + "/" + pod, OptionalLong.empty());
        }
        boolean container = word.startsWith("container/") || word.contains("://") || word.matches("[0-9a-f]{12,64}");
        if (!container) {
            throw new InvalidOptionException("target", word, EXPECTED);
        }
        String id = word.startsWith("container/") ? word.substring("container/".length()) : word;
        long first = workloads.ofContainer(id);
        return ofProcess(first, "container " + id, OptionalLong.of(first));
    }

    private static Place ofProcess(long pid, String name, OptionalLong owner) throws IOException {
        return new Place(
                NetworkNamespace.parse(Long.toString(pid)),
                name.equals("process " + pid) ? name : name + " (process " + pid + ")",
                owner);
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
