package lateen.capture.apply;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lateen.capture.host.CaptureException;
import lateen.capture.host.CommandRunner;
import lateen.capture.host.NamespaceCommands;
import lateen.capture.host.NetworkNamespace;
import lateen.capture.host.ProcessRunner;
import lateen.capture.model.IpFamily;
import lateen.capture.model.OwnRules;
import lateen.capture.model.PolicyRoute;
import lateen.capture.model.RuleSet;
import lateen.capture.plan.CaptureOptions;
import lateen.capture.plan.CapturePlan;
import lateen.capture.read.HostFactsReader;
import lateen.capture.read.IptablesBackend;
import lateen.capture.read.KernelRules;
import lateen.capture.render.RestoreText;
import lateen.capture.render.RuleDifference;

/**
 * Brings the kernel into the state that options ask for, or back. Each table changes in one step; when a later step
 * fails, the earlier ones are taken back. Blocking; used by one thread; needs CAP_NET_ADMIN in the target namespace.
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

    public CaptureApplier() {
        this(new ProcessRunner(Duration.ofSeconds(30)));
    }

    CaptureApplier(CommandRunner runner) {
        this.runner = runner;
    }

    /** The plan for the namespace that the options name; reads addresses and resolv.conf, changes nothing. */
    public CapturePlan plan(CaptureOptions options) throws CaptureException {
        try {
            return CapturePlan.of(options, new HostFactsReader(runner).read(namespace(options)));
        } catch (IOException e) {
            throw new CaptureException(e);
        }
    }

    /**
     * Applies what {@link #plan} says.
     *
     * @throws CaptureException when other rules of ours are there and {@code --reconcile} is not set, or a command fails;
     *     the rules are then what they were before
     */
    public Outcome apply(CaptureOptions options) throws CaptureException {
        if (options.run().cleanupOnly()) {
            return cleanup(options);
        }
        CapturePlan plan = plan(options);
        RuleSet wanted = OwnRules.of(plan.rules());
        KernelWriter writer = writer(options);
        if (options.run().forceApply()) {
            write(writer, new RuleSet(List.of()), wanted, plan.routes());
            return Outcome.APPLIED;
        }
        RuleSet present = OwnRules.of(writer.kernel().read());
        if (present.equals(wanted)) {
            addRoutes(writer, plan.routes());
            return Outcome.UNCHANGED;
        }
        if (!present.tables().isEmpty() && !options.run().reconcile()) {
            throw new CaptureException("other capture rules are there already: " + RuleDifference.first(present, wanted)
                    + " (expected: none, or the same; --reconcile replaces them, --cleanup-only removes them)");
        }
        if (present.tables().isEmpty()) {
            write(writer, present, wanted, plan.routes());
            return Outcome.APPLIED;
        }
        Guard.around(writer, () -> write(writer, present, wanted, plan.routes()));
        deleteRoutes(writer, options, plan.routes());
        return Outcome.RECONCILED;
    }

    private void write(KernelWriter writer, RuleSet present, RuleSet wanted, List<PolicyRoute> routes)
            throws CaptureException {
        Map<IpFamily, String> undo = new EnumMap<>(IpFamily.class);
        List<PolicyRoute> addedRoutes = new ArrayList<>();
        try {
            addedRoutes.addAll(addRoutes(writer, routes));
            for (IpFamily family : IpFamily.values()) {
                // A text of several tables can fail in the middle: its undoing is worked out from what is there then.
                undo.put(family, "");
                writer.restore(writer.kernel().backend(), family, RestoreText.replacement(present, wanted, family));
            }
        } catch (CaptureException e) {
            rollBack(writer, undo.keySet().stream().toList(), present, addedRoutes, e);
            throw e;
        }
    }

    private static void rollBack(
            KernelWriter writer,
            List<IpFamily> touched,
            RuleSet before,
            List<PolicyRoute> routes,
            CaptureException cause) {
        for (IpFamily family : touched) {
            try {
                RuleSet now = OwnRules.of(writer.kernel().read(writer.kernel().backend(), family));
                writer.restore(writer.kernel().backend(), family, RestoreText.replacement(now, before, family));
                writer.prune(writer.kernel().backend(), now);
            } catch (CaptureException e) {
                cause.addSuppressed(e);
            }
        }
        for (PolicyRoute route : routes) {
            deleteRoute(writer, route);
        }
    }

    /** Removes every rule and route of ours, from every back end; others' rules are not touched. */
    public Outcome cleanup(CaptureOptions options) throws CaptureException {
        KernelWriter writer = writer(options);
        boolean found = false;
        RuleSet nothing = new RuleSet(List.of());
        for (IptablesBackend backend : writer.kernel().allBackends()) {
            for (IpFamily family : IpFamily.values()) {
                RuleSet own = OwnRules.of(writer.kernel().read(backend, family));
                found |= !own.tables().isEmpty();
                writer.restore(backend, family, RestoreText.replacement(own, nothing, family));
                writer.prune(backend, own);
            }
        }
        found |= deleteRoutes(writer, options, List.of());
        return found ? Outcome.REMOVED : Outcome.NOTHING_TO_REMOVE;
    }

    /** Deletes the routes of these options except those to keep; true when there was one. */
    private static boolean deleteRoutes(KernelWriter writer, CaptureOptions options, List<PolicyRoute> keep) {
        boolean found = false;
        for (IpFamily family : IpFamily.values()) {
            PolicyRoute route = new PolicyRoute(
                    family, options.tproxy().mark(), options.tproxy().routeTable());
            if (!keep.contains(route) && isThere(writer, route)) {
                found = true;
                deleteRoute(writer, route);
            }
        }
        return found;
    }

    private static List<PolicyRoute> addRoutes(KernelWriter writer, List<PolicyRoute> routes) throws CaptureException {
        List<PolicyRoute> added = new ArrayList<>();
        for (PolicyRoute route : routes) {
            if (!route.presentIn(writer.commands().run(route.list(), ""))) {
                added.add(route);
                for (List<String> command : route.add()) {
                    writer.commands().run(command, "");
                }
            }
        }
        return added;
    }

    // Clean-up must work on a host without iproute2: there cannot be a route of ours there.
    private static boolean isThere(KernelWriter writer, PolicyRoute route) {
        try {
            return route.presentIn(writer.commands().run(route.list(), ""));
        } catch (CaptureException e) {
            return false;
        }
    }

    private static void deleteRoute(KernelWriter writer, PolicyRoute route) {
        for (List<String> command : route.delete()) {
            // Half of it may be missing already; the other half must go all the same.
            writer.commands().succeeds(command);
        }
    }

    private KernelWriter writer(CaptureOptions options) throws CaptureException {
        try {
            Optional<String> binary = options.run().forceBinary();
            NamespaceCommands commands = new NamespaceCommands(runner, namespace(options));
            return new KernelWriter(
                    commands,
                    new KernelRules(
                            commands,
                            binary.isPresent() ? Optional.of(IptablesBackend.forced(binary.get())) : Optional.empty()));
        } catch (IOException e) {
            throw new CaptureException(e);
        }
    }

    private static NetworkNamespace namespace(CaptureOptions options) throws IOException {
        Optional<String> name = options.run().networkNamespace();
        return name.isPresent() ? NetworkNamespace.parse(name.get()) : NetworkNamespace.own();
    }
}
