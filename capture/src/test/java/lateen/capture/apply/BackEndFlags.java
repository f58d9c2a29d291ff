package lateen.capture.apply;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import lateen.capture.host.CommandRunner;
import lateen.capture.host.Wiring;
import lateen.capture.plan.CaptureOptions;
import lateen.capture.plan.InvalidOptionException;
import lateen.capture.plan.Story;

/** The three back ends and the flags that choose each; flags written as one line, {@code NAME=value} for a variable. */
enum BackEndFlags {
    NFT("--force-iptables-binary nft"),
    LEGACY("--force-iptables-binary legacy"),
    NATIVE("--native-nftables");

    private final String flags;

    BackEndFlags(String flags) {
        this.flags = flags;
    }

    /** Options for a lab's pod, with this back end and IPv6. */
    CaptureOptions options(Lab lab, String line) throws InvalidOptionException {
        Map<String, String> env = new HashMap<>(Map.of("ISTIO_DUAL_STACK", "true"));
        List<String> arguments = new ArrayList<>();
        for (String word :
                (line + " " + flags + " --network-namespace " + lab.pod).strip().split(" +")) {
            int equals = word.indexOf('=');
            if (equals > 0 && !word.startsWith("-")) {
                env.put(word.substring(0, equals), word.substring(equals + 1));
            } else {
                arguments.add(word.equals("''") ? "" : word);
            }
        }
        return Story.options(env, arguments.toArray(String[]::new));
    }

    CaptureApplier.Outcome run(Lab lab, String line) throws Exception {
        return new CaptureApplier(_ -> {}).apply(options(lab, line));
    }

    CaptureApplier.Outcome run(Lab lab, String line, CommandRunner runner) throws Exception {
        return new CaptureApplier(runner, _ -> {}).apply(options(lab, line));
    }

    /** Empties a pod in which only this back end has been used; quicker than a clean-up, and without the code under test. */
    void reset(Lab lab) throws Exception {
        String rules = this == LEGACY
                ? "for c in iptables-legacy ip6tables-legacy; do for t in nat mangle raw; do $c -t $t -F; $c -t $t -X; done; done"
                : "nft flush ruleset";
        Wiring.run(List.of(
                "ip",
                "netns",
                "exec",
                lab.pod,
                "sh",
                "-c",
                rules
                        + "; for f in -4 -6; do ip $f rule flush protocol 133; ip $f route flush table all proto 133; done; "
                        + "ip -6 addr del ::6/128 dev lo 2>/dev/null || true"));
    }

    /** Whatever is there is taken away, by whichever back end it is held. */
    static void clean(Lab lab) throws Exception {
        NFT.run(lab, "--cleanup-only");
    }
}
