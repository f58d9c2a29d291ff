package lateen.capture.apply;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import lateen.capture.host.CaptureException;
import lateen.capture.host.CommandRunner;
import lateen.capture.host.NamespaceCommands;
import lateen.capture.host.NetworkNamespace;
import lateen.capture.host.ProcessRunner;
import lateen.capture.model.HostFacts;
import lateen.capture.plan.CaptureOptions;
import lateen.capture.plan.CapturePlan;
import lateen.capture.read.HostFactsReader;

/**
 * Brings the kernel into the state that options ask for, or back. Whatever can be found out before is: programs, modules
 * and rules of an earlier run. When a step fails, those before it are taken back; when the process is killed, the next
 * run finishes. Blocking; used by one thread; needs CAP_NET_ADMIN (legacy: and CAP_NET_RAW) in the target namespace.
 */
public final class CaptureApplier {
    /** What a run did. */
    public enum Outcome {
        APPLIED,
        UNCHANGED,
        RECONCILED,
        REMOVED,
        NOTHING_TO_REMOVE
    }

    private final CommandRunner runner;
    private final Consumer<String> warnings;

    /** @param warnings takes what the user should know, a line each */
    public CaptureApplier(Consumer<String> warnings) {
        this(new ProcessRunner(Duration.ofSeconds(30)), warnings);
    }

    CaptureApplier(CommandRunner runner, Consumer<String> warnings) {
        this.runner = runner;
        this.warnings = warnings;
    }

    /** The plan for the namespace that the options name; reads addresses and resolv.conf, changes nothing. */
    public CapturePlan plan(CaptureOptions options) throws CaptureException {
        return CapturePlan.of(options, facts(options));
    }

    /** What is so in the namespace that the options name; changes nothing. */
    public HostFacts facts(CaptureOptions options) throws CaptureException {
        try {
            return new HostFactsReader(runner).read(namespace(options));
        } catch (IOException e) {
            throw new CaptureException(e);
        }
    }

    /**
     * Applies what {@link #plan} says, or removes everything for {@code --cleanup-only}.
     *
     * @throws CaptureException when other rules of ours are there and {@code --reconcile} is not set, or a command fails;
     *     the rules are then what they were before
     */
    public Outcome apply(CaptureOptions options) throws CaptureException {
        NamespaceCommands commands = commands(options);
        BackEnds backEnds = BackEnds.of(commands, options.run(), warnings);
        HostRoutes routes = new HostRoutes(commands, warnings);
        if (options.run().cleanupOnly()) {
            return cleanup(backEnds, routes);
        }
        CapturePlan plan = plan(options);
        plan.warnings().forEach(warnings);
        if (!plan.routes().isEmpty() && !commands.present("ip")) {
            throw new CaptureException(
                    "transparent interception needs routes, and ip is missing" + NamespaceCommands.expected("ip"));
        }
        return new Run(backEnds, routes, plan, options.run()).outcome();
    }

    /** The routes go first: rules that are still there tell the next run that there is something to remove. */
    private static Outcome cleanup(BackEnds backEnds, HostRoutes routes) throws CaptureException {
        boolean found = routes.removeAllBut(List.of(), List.of());
        for (BackEnd backEnd : backEnds.all()) {
            found |= removed(backEnd);
        }
        return found ? Outcome.REMOVED : Outcome.NOTHING_TO_REMOVE;
    }

    private static boolean removed(BackEnd backEnd) throws CaptureException {
        try {
            return backEnd.remove();
        } catch (EngineMissingException e) {
            // Nothing can be in what this kernel does not have.
            return false;
        }
    }

    private NamespaceCommands commands(CaptureOptions options) throws CaptureException {
        try {
            return new NamespaceCommands(runner, namespace(options));
        } catch (IOException e) {
            throw new CaptureException(e);
        }
    }

    /** The namespace that the options name. */
    public static NetworkNamespace namespace(CaptureOptions options) throws IOException {
        Optional<String> name = options.run().networkNamespace();
        return name.isPresent() ? NetworkNamespace.parse(name.get()) : NetworkNamespace.own();
    }

    /** One writing run. */
    private record Run(BackEnds backEnds, HostRoutes routes, CapturePlan plan, CaptureOptions.Run asked) {
        Outcome outcome() throws CaptureException {
            BackEnd chosen = backEnds.chosen();
            if (asked.forceApply()) {
                chosen.check(plan.rules());
                write();
                return Outcome.APPLIED;
            }
            OwnState present = chosen.present();
            OwnState wanted = chosen.wanted(plan.rules());
            List<BackEnd> elsewhere = elsewhere();
            if (elsewhere.isEmpty() && present.equals(wanted)) {
                boolean changed = !routes.add(plan.routes(), plan.addresses()).isEmpty();
                changed |= routes.removeAllBut(plan.routes(), plan.addresses());
                return changed ? Outcome.APPLIED : Outcome.UNCHANGED;
            }
            boolean fresh = elsewhere.isEmpty() && present.onTheWayTo(wanted);
            if (!fresh && !asked.reconcile()) {
                throw refusal(present, wanted, elsewhere);
            }
            chosen.check(plan.rules());
            if (fresh) {
                write();
                return Outcome.APPLIED;
            }
            reconcile(elsewhere);
            return Outcome.RECONCILED;
        }

        private List<BackEnd> elsewhere() throws CaptureException {
            List<BackEnd> elsewhere = new ArrayList<>();
            for (BackEnd other : backEnds.others()) {
                if (holdsOurs(other)) {
                    elsewhere.add(other);
                }
            }
            return elsewhere;
        }

        private static boolean holdsOurs(BackEnd backEnd) throws CaptureException {
            try {
                return !backEnd.present().isEmpty();
            } catch (EngineMissingException e) {
                // Nothing can be in what this kernel does not have.
                return false;
            }
        }

        private CaptureException refusal(OwnState present, OwnState wanted, List<BackEnd> elsewhere) {
            String found = present.onTheWayTo(wanted)
                    ? "in " + elsewhere.getFirst() + ", while " + backEnds.chosen() + " is to hold them"
                    : present.difference(wanted);
            return new CaptureException("other capture rules are there already: " + found
                    + " (expected: none, or the same; --reconcile replaces them, --cleanup-only removes them)");
        }

        private void write() throws CaptureException {
            List<List<String>> undo = routes.add(plan.routes(), plan.addresses());
            try {
                backEnds.chosen().write(plan.rules());
            } catch (CaptureException e) {
                undo.forEach(routes::run);
                throw e;
            }
        }

        /** The new rules are whole before the old ones of other back ends go: in between a packet meets both. */
        private void reconcile(List<BackEnd> elsewhere) throws CaptureException {
            Guard.Step step = () -> {
                write();
                for (BackEnd old : elsewhere) {
                    old.remove();
                }
            };
            if (backEnds.chosen() instanceof IptablesBackEnd iptables) {
                Guard.around(iptables, step);
            } else {
                step.run();
            }
            routes.removeAllBut(plan.routes(), plan.addresses());
        }
    }
}
