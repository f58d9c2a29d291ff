package lateen.capture.plan;

import java.util.List;

/** Flags that say opposite things together; each alone is fine. */
final class Contradictions {
    private final FlagValues flags;

    Contradictions(FlagValues flags) {
        this.flags = flags;
    }

    void refuse() throws InvalidOptionException {
        // Removing is neither writing nor looking whether what was written works.
        notBeside(
                Flag.CLEANUP_ONLY,
                List.of(Flag.RECONCILE, Flag.FORCE_APPLY, Flag.RUN_VALIDATION, Flag.SKIP_RULE_APPLY));
        notBeside(Flag.SKIP_RULE_APPLY, List.of(Flag.RECONCILE, Flag.FORCE_APPLY));
        // Rules that were only printed cannot be tried.
        notBeside(Flag.DRY_RUN, List.of(Flag.RUN_VALIDATION));
        if (flags.on(Flag.NATIVE_NFTABLES) && !flags.text(Flag.FORCE_BINARY).isEmpty()) {
            throw flags.invalid(
                    Flag.FORCE_BINARY, flags.text(Flag.FORCE_BINARY), "empty, as --native-nftables takes its place");
        }
        cniMode();
        if (flags.on(Flag.RUN_VALIDATION)) {
            for (Flag listener : List.of(Flag.ENVOY_PORT, Flag.INBOUND_CAPTURE_PORT, Flag.INBOUND_TUNNEL_PORT)) {
                if (flags.text(listener).equals(flags.text(Flag.PROBE_PORT))) {
                    throw flags.invalid(
                            Flag.PROBE_PORT, flags.text(Flag.PROBE_PORT), "not the port of " + listener.display());
                }
            }
        }
    }

    /** A plugin works on the node: neither the namespace nor resolv.conf around it is the pod's. */
    private void cniMode() throws InvalidOptionException {
        if (!flags.on(Flag.CNI_MODE)) {
            return;
        }
        if (flags.text(Flag.NETWORK_NAMESPACE).isEmpty()) {
            throw flags.invalid(Flag.CNI_MODE, "true", "--network-namespace beside it, naming the pod's");
        }
        if (flags.on(Flag.REDIRECT_DNS) && !flags.on(Flag.CAPTURE_ALL_DNS)) {
            throw flags.invalid(
                    Flag.CNI_MODE,
                    "true",
                    "--capture-all-dns beside --redirect-dns, as the pod's resolv.conf is not to be seen from the node");
        }
    }

    private void notBeside(Flag flag, List<Flag> others) throws InvalidOptionException {
        if (flags.on(flag)) {
            for (Flag other : others) {
                if (flags.on(other)) {
                    throw flags.invalid(flag, "true", "no " + other.display() + " beside it");
                }
            }
        }
    }
}
