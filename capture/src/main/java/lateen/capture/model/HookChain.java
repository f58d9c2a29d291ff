package lateen.capture.model;

import java.util.List;
import java.util.Optional;

/**
 * A chain of any engine.
 *
 * @param base where the kernel calls it; empty for one that other chains lead to
 */
public record HookChain(String name, Optional<Base> base, List<HookRule> rules) {
    public HookChain {
        rules = List.copyOf(rules);
    }

    /**
     * How the kernel calls a chain.
     *
     * @param priority smaller ones are called first
     * @param drops the policy: true when a packet that reaches the end is dropped
     */
    public record Base(Hook hook, Kind kind, int priority, boolean drops) {}

    /** What a base chain is for (nft(8), "chains"). */
    public enum Kind {
        /** Looks at every packet. */
        FILTER,
        /** Looks at the first packet of a connection, once on each side. */
        NAT,
        /** As filter, and the packet is routed again when its mark changed; on its way out only. */
        ROUTE
    }

    /** The name that capture's iptables back ends use: native {@code istio-in-redirect} is {@code ISTIO_IN_REDIRECT}. */
    public String canonicalName() {
        return canonical(name);
    }

    static String canonical(String name) {
        String upper = name.toUpperCase(java.util.Locale.ROOT).replace('-', '_');
        return Chain.OURS.contains(upper) ? upper : name;
    }

    /** True for a chain of capture's own. */
    public boolean ours() {
        return Chain.OURS.contains(canonicalName());
    }
}
