package lateen.capture.simulate;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import lateen.capture.apply.CaptureApplier;
import lateen.capture.host.CaptureException;
import lateen.capture.host.Wiring;
import lateen.capture.model.IpFamily;
import lateen.capture.plan.Story;

/** Random rules, really written into the pod of a {@link PacketLab}, by all ways in turn. */
final class WrittenRules {
    private final PacketLab lab;
    private final Random random;
    private final RandomRules rules;

    WrittenRules(PacketLab lab, Random random) {
        this.lab = lab;
        this.random = random;
        this.rules = new RandomRules(random);
    }

    /** Takes all rules away and writes new ones; what they are, for messages. */
    String write(int set) throws Exception {
        apply(List.of("--cleanup-only"));
        lab.commands().run(List.of("nft", "flush", "ruleset"), "");
        for (IpFamily family : IpFamily.values()) {
            StringBuilder empty = new StringBuilder();
            for (String table : List.of("raw", "mangle", "nat", "filter")) {
                empty.append('*').append(table).append('\n');
                if (table.equals("filter")) {
                    empty.append(":INPUT ACCEPT [0:0]\n");
                }
                empty.append("COMMIT\n");
            }
            lab.commands().run(List.of(program("legacy", family)), empty.toString());
        }
        for (int tries = 0; ; tries++) {
            String text = "";
            try {
                switch (set % 4) {
                    case 0 -> {
                        List<String> args = new ArrayList<>(rules.options());
                        args.addAll(
                                switch (random.nextInt(3)) {
                                    case 0 -> List.of("--native-nftables");
                                    case 1 -> List.of("--force-iptables-binary", "legacy");
                                    default -> List.of("--force-iptables-binary", "nft");
                                });
                        text = String.join(" ", args);
                        apply(args);
                    }
                    case 1 -> {
                        text = rules.nft();
                        lab.commands().run(List.of("nft", "-f", "-"), text);
                    }
                    default -> {
                        for (IpFamily family : IpFamily.values()) {
                            text = rules.xtables(family);
                            lab.commands().run(List.of(program(set % 4 == 2 ? "nft" : "legacy", family)), text);
                        }
                    }
                }
                // A clean-up takes it along.
                Wiring.run("ip -n " + lab.pod + " -6 addr replace ::6/128 dev lo");
                return "set " + set + "\n" + text;
            } catch (CaptureException e) {
                // Some combinations no kernel takes; too many of them would be a fault of this test.
                if (tries > 20) {
                    throw new AssertionError(text, e);
                }
            }
        }
    }

    private static String program(String engine, IpFamily family) {
        return (family == IpFamily.IPV4 ? "iptables-" : "ip6tables-") + engine + "-restore";
    }

    private void apply(List<String> flags) throws Exception {
        List<String> args = new ArrayList<>(flags);
        args.add("--network-namespace=" + lab.pod);
        new CaptureApplier(_ -> {})
                .apply(Story.options(Map.of("ISTIO_DUAL_STACK", "true"), args.toArray(String[]::new)));
    }
}
