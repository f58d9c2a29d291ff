package lateen.capture.probe;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import lateen.capture.host.CaptureException;
import lateen.capture.host.NetworkNamespace;
import lateen.capture.model.Cidr;
import lateen.capture.model.HostFacts;
import lateen.capture.model.IpFamily;
import lateen.capture.plan.CaptureOptions;

/**
 * {@code --run-validation}: listens where the sidecar will, makes connections as an application and as the proxy, and looks
 * where each of them lands and what its destination was. For both families, as far as rules are written for them.
 */
public final class RuleValidation {
    private final CaptureOptions options;
    private final HostFacts facts;
    private final List<String> passed = new ArrayList<>();
    private final List<String> failed = new ArrayList<>();
    private final List<String> skipped = new ArrayList<>();

    /** What was found; all lists hold sentences for people. The rules are good when nothing failed. */
    public record Report(List<String> passed, List<String> failed, List<String> skipped) {}

    private RuleValidation(CaptureOptions options, HostFacts facts) {
        this.options = options;
        this.facts = facts;
    }

    /**
     * Takes at most the probe's timeout for each of three connections of each family.
     *
     * @throws CaptureException when nothing can be tried, as when a port of the sidecar is in use
     */
    public static Report run(CaptureOptions options, HostFacts facts, NetworkNamespace namespace)
            throws CaptureException {
        RuleValidation validation = new RuleValidation(options, facts);
        List<CaptureException> errors = new ArrayList<>();
        // Namespace and user belong to the thread; it ends with them.
        Thread thread = Thread.ofPlatform().name("rule-validation").start(() -> {
            try {
                if (namespace.file().isPresent()) {
                    LinuxCalls.enterNetwork(namespace.file().get().toString());
                }
                for (IpFamily family : IpFamily.values()) {
                    if (family == IpFamily.IPV4 || facts.wantsIpv6(options.dualStack())) {
                        validation.family(family);
                    }
                }
            } catch (LinuxCalls.CallException e) {
                errors.add(new CaptureException("validation cannot run: " + e.getMessage(), e));
            }
        });
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CaptureException("interrupted while validating", e);
        }
        if (!errors.isEmpty()) {
            throw errors.getFirst();
        }
        return new Report(validation.passed, validation.failed, validation.skipped);
    }

    private void family(IpFamily family) throws LinuxCalls.CallException {
        ProbePlan plan = new ProbePlan(options, facts, family);
        CaptureOptions.Ports ports = options.ports();
        boolean transparent = options.inbound().mode() == CaptureOptions.Mode.TPROXY;
        long uid = LinuxCalls.uid();
        long gid = LinuxCalls.gid();
        Map<Integer, ProbeSocket> listeners = new TreeMap<>();
        try {
            listen(listeners, family, ports.outbound(), false);
            listen(listeners, family, ports.inbound(), transparent);
            listen(listeners, family, options.probe().port(), false);
            Optional<Caller> application = Caller.application(options, uid, gid);
            if (!options.interfaces().excluded().isEmpty()) {
                skipped.add(name(family) + " outbound: depends on the interface by which it leaves");
            } else if (plan.outbound().isEmpty() || application.isEmpty()) {
                skipped.add(name(family) + ": nothing outbound is captured by these flags");
            } else {
                call("outbound", family, application.get(), plan.outbound(), listeners, ports.outbound());
            }
            if (options.interfaces().excluded().contains("lo")) {
                skipped.add(name(family) + " inbound: lo is left alone");
            } else if (plan.own().isEmpty()) {
                skipped.add(name(family) + ": no address here by which others could call");
            } else {
                // The one inbound way that can be taken from inside: the proxy calling its own workload's address.
                var self = new ProbeSocket.End(plan.own().get(), options.probe().port());
                call("inbound", family, Caller.proxy(options, uid, gid), List.of(self), listeners, ports.inbound());
            }
            if (plan.loopbackIsLeftAlone() && application.isPresent()) {
                var loopback =
                        new ProbeSocket.End(plan.loopback(), options.probe().port());
                call(
                        "loopback",
                        family,
                        application.get(),
                        List.of(loopback),
                        listeners,
                        options.probe().port());
            }
        } finally {
            listeners.values().forEach(ProbeSocket::close);
        }
    }

    private void listen(Map<Integer, ProbeSocket> listeners, IpFamily family, int port, boolean transparent)
            throws LinuxCalls.CallException {
        ProbeSocket socket = ProbeSocket.open(family, options.probe().timeout());
        listeners.put(port, socket);
        if (transparent) {
            socket.transparent();
        }
        socket.listen(port);
    }

    /** One connection, to the first destination that has a route. */
    private void call(
            String what,
            IpFamily family,
            Caller caller,
            List<ProbeSocket.End> targets,
            Map<Integer, ProbeSocket> listeners,
            int wanted)
            throws LinuxCalls.CallException {
        long uid = LinuxCalls.uid();
        long gid = LinuxCalls.gid();
        for (int i = 0; i < targets.size(); i++) {
            ProbeSocket.End target = targets.get(i);
            String sentence = name(family) + " " + what + ": " + text(target) + " as " + caller.uid() + ":"
                    + caller.gid() + " to port " + wanted;
            boolean may = LinuxCalls.own(caller.uid(), caller.gid());
            ProbeSocket socket = ProbeSocket.open(family, options.probe().timeout());
            LinuxCalls.own(uid, gid);
            try (socket) {
                if (!may) {
                    skipped.add(sentence + ": cannot be tried by " + uid + ":" + gid
                            + " (expected: that user, or CAP_SETUID and CAP_SETGID)");
                    return;
                }
                if (caller.mark().isPresent()) {
                    socket.mark(caller.mark().getAsInt());
                }
                socket.connect(target);
                landed(sentence, socket, target, listeners, wanted);
                return;
            } catch (LinuxCalls.CallException e) {
                if (!e.noRoute() || i + 1 == targets.size()) {
                    failed.add(sentence + ": " + (e.timedOut() ? "no answer" : e.getMessage()));
                    return;
                }
            }
        }
    }

    private void landed(
            String sentence,
            ProbeSocket socket,
            ProbeSocket.End target,
            Map<Integer, ProbeSocket> listeners,
            int wanted)
            throws LinuxCalls.CallException {
        ProbeSocket listener = listeners.get(wanted);
        if (listener == null) {
            throw new IllegalStateException("no listener at " + wanted);
        }
        try (ProbeSocket accepted = listener.accept(socket.local())) {
            ProbeSocket.End meant = accepted.originalDestination();
            if (meant.equals(target)) {
                passed.add(sentence);
            } else {
                failed.add(sentence + ": landed there, but as meant for " + text(meant));
            }
        } catch (LinuxCalls.CallException e) {
            failed.add(sentence + ": " + (e.timedOut() ? "it is connected, and landed elsewhere" : e.getMessage()));
        }
    }

    private static String name(IpFamily family) {
        return family == IpFamily.IPV4 ? "IPv4" : "IPv6";
    }

    private static String text(ProbeSocket.End end) {
        String address = Cidr.addressText(end.address());
        return (end.address().getAddress().length == 4 ? address : "[" + address + "]") + ":" + end.port();
    }
}
