package lateen.capture.model;

import java.util.List;
import java.util.Optional;

/**
 * A table of any engine.
 *
 * @param family the only family that it sees; empty for both
 */
public record HookTable(Engine engine, Optional<IpFamily> family, String name, List<HookChain> chains) {
    public HookTable {
        chains = List.copyOf(chains);
    }

    /** How the tables begin in which {@code capture watch} asks for traces; the rest is its process id. */
    public static final String WATCH = "lateen-watch-";

    /** True for a table of a {@code capture watch} that runs. */
    public boolean watches() {
        return engine == Engine.NATIVE && name.startsWith(WATCH);
    }

    /** The program whose tables these are. */
    public enum Engine {
        LEGACY("iptables-legacy"),
        NFT("iptables-nft"),
        NATIVE("nft");

        private final String text;

        Engine(String text) {
            this.text = text;
        }

        /** The name of the program. */
        public String text() {
            return text;
        }
    }

    public Optional<HookChain> chain(String chain) {
        return chains.stream().filter(c -> c.name().equals(chain)).findFirst();
    }

    /** True when packets of this family meet it. */
    public boolean sees(IpFamily packets) {
        return family.isEmpty() || family.get() == packets;
    }

    /** How it is listed: {@code iptables -t nat}, {@code ip6tables-legacy -t nat}, {@code nft table inet istio-proxy-nat}. */
    public String title() {
        if (engine == Engine.NATIVE) {
            return "nft table "
                    + family.map(f -> f == IpFamily.IPV4 ? "ip" : "ip6").orElse("inet") + " " + name;
        }
        String program = family.filter(f -> f == IpFamily.IPV6).isPresent() ? "ip6tables" : "iptables";
        return program + (engine == Engine.LEGACY ? "-legacy" : "") + " -t " + name;
    }

    /** The table of iptables that one of ours stands for; the own name for all others. */
    public String canonicalName() {
        return name.startsWith("istio-proxy-") ? name.substring("istio-proxy-".length()) : name;
    }

    /** True when the rule is capture's: it stands in a chain of ours, in a table of ours, or leads to a chain of ours. */
    public boolean ours(HookChain chain, HookRule rule) {
        return chain.ours()
                || (engine == Engine.NATIVE && name.startsWith("istio-proxy-"))
                || rule.clauses().stream()
                        .anyMatch(c -> c instanceof Clause.Jump(String target, var _)
                                && Chain.OURS.contains(HookChain.canonical(target)));
    }
}
