package lateen.cli.demo;

import java.io.IOException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lateen.agent.envoy.Envoy;
import lateen.local.LocalMesh;
import lateen.local.LocalWorkload;
import lateen.local.Supervised;

/** With Envoy sidecars: each is really Envoy, took all that it was told, and complained of nothing. */
final class EnvoyStep {
    private static final Pattern VERSION = Pattern.compile("\"version\":\\s*\"[0-9a-f]+/(1\\.40\\.[^/\"]+)/");
    private static final Pattern STATE = Pattern.compile("\"state\":\\s*\"(\\w+)\"");

    private EnvoyStep() {}

    static void run(LocalMesh mesh, Screen screen) throws IOException {
        screen.title("What Envoy says of its configuration");
        for (LocalWorkload workload : mesh.workloads()) {
            if (workload.sidecar().isPresent()) {
                check(workload, workload.sidecar().get(), screen);
            }
        }
    }

    private static void check(LocalWorkload workload, Supervised sidecar, Screen screen) throws IOException {
        String namespace = workload.namespace().name();
        String info = Kernel.read(namespace, "curl", "-sS", "http://127.0.0.1:15000/server_info");
        String version = first(VERSION, info);
        String state = first(STATE, info);
        screen.expect(
                !version.isEmpty() && state.equals("LIVE"),
                workload.name() + "'s sidecar says it is \"" + version + "\", " + state
                        + " (expected: Envoy 1.40, LIVE)");
        List<String> updates = Kernel.read(
                        namespace, "curl", "-sS", "http://127.0.0.1:15000/stats?filter=update_(rejected|success)$")
                .lines()
                .toList();
        List<String> rejected = updates.stream()
                .filter(line -> line.contains("update_rejected: ") && !line.endsWith(": 0"))
                .toList();
        long accepted = updates.stream()
                .filter(line -> line.contains("update_success: "))
                .mapToLong(line -> Long.parseLong(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
        screen.expect(rejected.isEmpty(), workload.name() + "'s Envoy refused: " + rejected);
        screen.expect(accepted > 0, workload.name() + "'s Envoy counts no accepted update");
        List<String> complaints = sidecar.err().lines().stream()
                .filter(line -> line.startsWith(Envoy.LOG_PREFIX))
                .toList();
        screen.expect(
                complaints.isEmpty(),
                complaints.size() + " lines in the log of " + workload.name() + "'s Envoy, the first: "
                        + (complaints.isEmpty() ? "" : complaints.getFirst()));
        screen.say(String.format(
                "%-9s Envoy %s, %s · %d updates accepted, %d refused · %d warnings",
                workload.name(), version, state, accepted, rejected.size(), complaints.size()));
    }

    private static String first(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? matcher.group(1) : "";
    }
}
