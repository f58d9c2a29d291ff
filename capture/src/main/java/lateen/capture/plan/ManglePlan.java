package lateen.capture.plan;

import java.util.EnumSet;
import lateen.capture.model.IpFamily;
import lateen.capture.model.Match;
import lateen.capture.model.Protocol;
import lateen.capture.model.Table;
import lateen.capture.model.Target;

/**
 * The mangle table of one family: transparent interception of inbound traffic, and the dropping of invalid packets.
 * Marks: the configured one means "for the transparent listener, or already from it"; one above means "a call that
 * the proxy makes to its own workload", which has to come round to the listener like a stranger's.
 */
final class ManglePlan {
    private static final Match FROM_LO = new Match.InInterface("lo", false);

    private final CaptureOptions options;
    private final IpFamily family;
    private final int mark;
    private final int loopMark;

    ManglePlan(CaptureOptions options, IpFamily family) {
        this.options = options;
        this.family = family;
        this.mark = options.tproxy().mark();
        this.loopMark = options.tproxy().loopMark();
    }

    ChainBuilder mangle() {
        ChainBuilder mangle = new ChainBuilder(family, Table.MANGLE);
        if (options.dropInvalid()) {
            // An out-of-window packet is not translated back; it would reset the connection it belongs to.
            mangle.add(
                    "PREROUTING",
                    new Target.Jump("ISTIO_DROP"),
                    FamilyPlan.TCP,
                    new Match.State(EnumSet.of(Match.ConnectionState.INVALID)));
            mangle.add("ISTIO_DROP", new Target.Drop());
        }
        if (CapturePlan.transparent(options)) {
            mangle.add("PREROUTING", new Target.Jump("ISTIO_INBOUND"), FamilyPlan.TCP);
            mangle.add("OUTPUT", new Target.Jump("ISTIO_OUTPUT"), FamilyPlan.TCP);
            inbound(mangle);
            mangle.add("ISTIO_DIVERT", new Target.SetMark(mark));
            mangle.add("ISTIO_DIVERT", new Target.Accept());
            mangle.add(
                    "ISTIO_TPROXY",
                    new Target.Tproxy(family, options.ports().inbound(), mark),
                    FamilyPlan.TCP,
                    new Match.Destination(FamilyPlan.loopback(options, family), true));
            output(mangle);
        }
        return mangle;
    }

    private void inbound(ChainBuilder mangle) {
        String chain = "ISTIO_INBOUND";
        FamilyPlan.leaveInterfaces(mangle, chain, options.interfaces().excluded(), true);
        FamilyPlan.leaveInterfaces(mangle, chain, options.interfaces().virtual(), true);
        // From the proxy to the application with the client's address: remembered, so that the answer finds back.
        mangle.add(chain, new Target.SaveMark(), new Match.Mark(mark, false));
        mangle.add(chain, FamilyPlan.RETURN, new Match.Mark(mark, false));
        // Of what stays on the host only the proxy's call to its own workload counts as inbound.
        mangle.add(chain, FamilyPlan.RETURN, FROM_LO, new Match.Mark(loopMark, true));
        // That call is wanted whatever ports are, as under REDIRECT.
        intercept(mangle, FamilyPlan.TCP, new Match.Mark(loopMark, false));
        // What answers a call that was not taken over belongs to whoever made that: a socket here finds it by itself,
        // and
        // for a host that the pod forwards for, a mark would keep it here.
        mangle.add(chain, FamilyPlan.RETURN, FamilyPlan.TCP, new Match.Direction(true));
        CaptureOptions.Inbound inbound = options.inbound();
        if (inbound.ports().all()) {
            for (int port : inbound.excluded()) {
                mangle.add(chain, FamilyPlan.RETURN, FamilyPlan.TCP, FamilyPlan.toPort(port));
            }
            intercept(mangle, FamilyPlan.TCP);
        } else {
            for (int port : inbound.ports().listed()) {
                intercept(mangle, FamilyPlan.TCP, FamilyPlan.toPort(port));
            }
        }
    }

    private void intercept(ChainBuilder mangle, Match... matches) {
        // An established flow has its socket already; the listener is for new ones.
        Match[] established = java.util.Arrays.copyOf(matches, matches.length + 1);
        established[matches.length] =
                new Match.State(EnumSet.of(Match.ConnectionState.RELATED, Match.ConnectionState.ESTABLISHED));
        mangle.add("ISTIO_INBOUND", new Target.Jump("ISTIO_DIVERT"), established);
        mangle.add("ISTIO_INBOUND", new Target.Jump("ISTIO_TPROXY"), matches);
    }

    private void output(ChainBuilder mangle) {
        String chain = "ISTIO_OUTPUT";
        // The application's answer goes to an address that is not here: the mark sends it to the proxy nevertheless.
        mangle.add(chain, new Target.RestoreMark(), new Match.ConnectionMark(mark, false));
        mangle.add(chain, FamilyPlan.RETURN, new Match.Mark(mark, false));
        mangle.add(chain, FamilyPlan.RETURN, new Match.Source(family.passThrough(), false), FamilyPlan.OVER_LO);
        for (Match owner : FamilyPlan.proxyOwners(options)) {
            mangle.add(
                    chain,
                    new Target.SetMark(loopMark),
                    new Match.Destination(FamilyPlan.loopback(options, family), true),
                    FamilyPlan.OVER_LO,
                    FamilyPlan.TCP,
                    new Match.DestinationPort(Protocol.TCP, options.ports().tunnel(), true),
                    owner);
        }
    }
}
