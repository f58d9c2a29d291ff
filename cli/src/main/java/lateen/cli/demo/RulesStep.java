package lateen.cli.demo;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import lateen.capture.command.CaptureCommand;
import lateen.local.LocalMesh;
import lateen.local.LocalWorkload;

/** What the init step wrote into one workload's namespace, and where a packet in and a packet out goes. */
final class RulesStep {
    /** The lines that the story's own session showed, in their order. */
    static final List<String> STORY = List.of(
            "-A PREROUTING -p tcp -j ISTIO_INBOUND",
            "-A OUTPUT -p tcp -j ISTIO_OUTPUT",
            "-A ISTIO_INBOUND -p tcp -m tcp --dport 15008 -j RETURN",
            "-A ISTIO_INBOUND -p tcp -m tcp --dport 15090 -j RETURN",
            "-A ISTIO_INBOUND -p tcp -m tcp --dport 15021 -j RETURN",
            "-A ISTIO_INBOUND -p tcp -m tcp --dport 15020 -j RETURN",
            "-A ISTIO_INBOUND -p tcp -j ISTIO_IN_REDIRECT",
            "-A ISTIO_IN_REDIRECT -p tcp -j REDIRECT --to-ports 15006",
            "-A ISTIO_OUTPUT -s 127.0.0.6/32 -o lo -j RETURN",
            "-A ISTIO_OUTPUT -j ISTIO_REDIRECT",
            "-A ISTIO_REDIRECT -p tcp -j REDIRECT --to-ports 15001");

    private RulesStep() {}

    static void run(LocalMesh mesh, Screen screen) throws IOException {
        LocalWorkload frontend = mesh.workload("frontend");
        String namespace = frontend.namespace().name();
        screen.title("What the init step wrote into frontend's namespace, " + namespace);
        List<String> rules = rules(Kernel.read(namespace, "iptables-save", "-t", "nat"));
        rules.forEach(screen::say);
        long v6 = rules(Kernel.read(namespace, "ip6tables-save", "-t", "nat")).size();
        screen.say("(" + rules.size() + " rules for IPv4, " + v6 + " for IPv6, written in " + frontend.rulesMillis()
                + " ms; nothing on the host)");
        String missing = firstMissing(rules);
        screen.expect(missing.isEmpty(), "rule missing, or not in its place: " + missing);
        screen.expect(v6 > 0, "no rules for IPv6");
        paths(namespace, screen);
        screen.say("try:  bin/lateen capture show --netns " + namespace);
    }

    private static List<String> rules(String saved) {
        return saved.lines()
                .filter(line -> line.startsWith("-A ") && line.contains("ISTIO_"))
                .toList();
    }

    /** The first of the story's lines that does not follow the ones before it; empty when all do. */
    static String firstMissing(List<String> rules) {
        int at = 0;
        for (String expected : STORY) {
            int found = rules.subList(at, rules.size()).indexOf(expected);
            if (found < 0) {
                return expected;
            }
            at += found + 1;
        }
        return "";
    }

    /** The capture tool's own answer, from the rules as they are in the kernel. */
    private static void paths(String namespace, Screen screen) {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
        int status = CaptureCommand.run(List.of("show", "--netns", namespace), Map.of(), out, out);
        List<String> paths = said.toString(StandardCharsets.UTF_8)
                .lines()
                .dropWhile(line -> !line.startsWith("where packets go"))
                .skip(1)
                .map(String::strip)
                .toList();
        screen.expect(status == 0 && !paths.isEmpty(), "capture show: " + said.toString(StandardCharsets.UTF_8));
        screen.say("");
        paths.forEach(screen::say);
        for (String port : List.of(":15006", ":15001")) {
            screen.expect(paths.stream().anyMatch(line -> line.endsWith(port)), "no packet's way ends at " + port);
        }
    }
}
