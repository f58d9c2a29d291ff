package lateen.capture;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
        KernelRules kernel = kernel(options);
        if (options.run().forceApply()) {
            write(kernel, new RuleSet(List.of()), wanted, plan.routes());
            return Outcome.APPLIED;
        }
        RuleSet present = OwnRules.of(kernel.read());
        if (present.equals(wanted)) {
            addRoutes(kernel, plan.routes());
            return Outcome.UNCHANGED;
        }
        if (!present.tables().isEmpty() && !options.run().reconcile()) {
            throw new CaptureException("other capture rules are there already: " + OwnRules.difference(present, wanted)
                    + " (expected: none, or the same; --reconcile replaces them, --cleanup-only removes them)");
        }
        if (present.tables().isEmpty()) {
            write(kernel, present, wanted, plan.routes());
            return Outcome.APPLIED;
        }
        Guard.around(kernel, () -> write(kernel, present, wanted, plan.routes()));
        deleteRoutes(kernel, options, plan.routes());
        return Outcome.RECONCILED;
    }

    private void write(KernelRules kernel, RuleSet present, RuleSet wanted, List<PolicyRoute> routes)
            throws CaptureException {
        Map<IpFamily, String> undo = new EnumMap<>(IpFamily.class);
        List<PolicyRoute> addedRoutes = new ArrayList<>();
        try {
            addedRoutes.addAll(addRoutes(kernel, routes));
            for (IpFamily family : IpFamily.values()) {
                // A text of several tables can fail in the middle: its undoing is worked out from what is there then.
                undo.put(family, "");
                kernel.restore(kernel.backend(), family, OwnRules.replacement(present, wanted, family));
            }
        } catch (CaptureException e) {
            rollBack(kernel, undo.keySet().stream().toList(), present, addedRoutes, e);
            throw e;
        }
    }

    private static void rollBack(
            KernelRules kernel,
            List<IpFamily> touched,
            RuleSet before,
            List<PolicyRoute> routes,
            CaptureException cause) {
        for (IpFamily family : touched) {
            try {
                RuleSet now = OwnRules.of(kernel.read(kernel.backend(), family));
                kernel.restore(kernel.backend(), family, OwnRules.replacement(now, before, family));
                kernel.prune(kernel.backend(), now);
            } catch (CaptureException e) {
                cause.addSuppressed(e);
            }
        }
        for (PolicyRoute route : routes) {
            deleteRoute(kernel, route);
        }
    }

    /** Removes every rule and route of ours, from every back end; others' rules are not touched. */
    public Outcome cleanup(CaptureOptions options) throws CaptureException {
        KernelRules kernel = kernel(options);
        boolean found = false;
        RuleSet nothing = new RuleSet(List.of());
        for (IptablesBackend backend : kernel.allBackends()) {
            for (IpFamily family : IpFamily.values()) {
                RuleSet own = OwnRules.of(kernel.read(backend, family));
                found |= !own.tables().isEmpty();
                kernel.restore(backend, family, OwnRules.replacement(own, nothing, family));
                kernel.prune(backend, own);
            }
        }
        found |= deleteRoutes(kernel, options, List.of());
        return found ? Outcome.REMOVED : Outcome.NOTHING_TO_REMOVE;
    }

    /** Deletes the routes of these options except those to keep; true when there was one. */
    private static boolean deleteRoutes(KernelRules kernel, CaptureOptions options, List<PolicyRoute> keep) {
        boolean found = false;
        for (IpFamily family : IpFamily.values()) {
            PolicyRoute route = new PolicyRoute(
                    family, options.tproxy().mark(), options.tproxy().routeTable());
            if (!keep.contains(route) && isThere(kernel, route)) {
                found = true;
                deleteRoute(kernel, route);
            }
        }
        return found;
    }

    private static List<PolicyRoute> addRoutes(KernelRules kernel, List<PolicyRoute> routes) throws CaptureException {
        List<PolicyRoute> added = new ArrayList<>();
        for (PolicyRoute route : routes) {
            if (!route.presentIn(kernel.run(route.list(), ""))) {
                added.add(route);
                for (List<String> command : route.add()) {
                    kernel.run(command, "");
                }
            }
        }
        return added;
    }

    // Clean-up must work on a host without iproute2: there cannot be a route of ours there.
    private static boolean isThere(KernelRules kernel, PolicyRoute route) {
        try {
            return route.presentIn(kernel.run(route.list(), ""));
        } catch (CaptureException e) {
            return false;
        }
    }

    private static void deleteRoute(KernelRules kernel, PolicyRoute route) {
        for (List<String> command : route.delete()) {
            // Half of it may be missing already; the other half must go all the same.
            kernel.succeeds(command);
        }
    }

    private KernelRules kernel(CaptureOptions options) throws CaptureException {
        try {
            Optional<String> binary = options.run().forceBinary();
            return new KernelRules(
                    runner,
                    namespace(options),
                    binary.isPresent() ? Optional.of(IptablesBackend.forced(binary.get())) : Optional.empty());
        } catch (IOException e) {
            throw new CaptureException(e);
        }
    }

    private static NetworkNamespace namespace(CaptureOptions options) throws IOException {
        Optional<String> name = options.run().networkNamespace();
        return name.isPresent() ? NetworkNamespace.parse(name.get()) : NetworkNamespace.own();
    }
}
