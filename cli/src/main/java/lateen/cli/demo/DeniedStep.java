package lateen.cli.demo;

import java.io.IOException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lateen.identity.SpiffeId;
import lateen.local.Command;
import lateen.local.LocalMesh;

/** Client asks ratings, which only catalog may. */
final class DeniedStep {
    private static final Pattern POLICY =
            Pattern.compile("rbac_access_denied_matched_policy\\[ns\\[(.+?)]-policy\\[(.+?)]-rule\\[(\\d+)]]");

    private DeniedStep() {}

    static void run(LocalMesh mesh, Calls calls, Screen screen) throws IOException {
        screen.title("The same from client to ratings, which only catalog may call");
        String client =
                mesh.workload("client").identity().map(SpiffeId::toString).orElse("none");

        Witness http = new Witness(mesh);
        Calls.Http answer = calls.get("client", "http://ratings/books");
        screen.expect(answer.status() == 403, "HTTP status " + answer.status() + " (expected: 403)");
        Optional<LogEntry> refused =
                http.sidecar("ratings", line -> line.of("request_id").equals(answer.id()));
        String policy = policy(refused, "response_code_details");
        screen.say("http  " + answer.status() + " · " + policy + " · caller " + caller(refused));
        named(screen, "HTTP", policy, refused, client);
        screen.expect(
                http.applicationSawNothing(
                        "ratings", line -> line.of("request_id").equals(answer.id())),
                "ratings' application served the request");

        Witness tcp = new Witness(mesh);
        Command.Result said = calls.say("client", "ratings", 9000, "intruder");
        screen.expect(
                said.exit() != 0 && said.out().isBlank(),
                "TCP answer: \"" + said.out().strip() + "\" (expected: a closed connection)");
        Optional<LogEntry> closed = tcp.sidecar(
                "ratings",
                line -> line.of("method").isEmpty()
                        && line.of("downstream_local_address").endsWith(":9000"));
        String tcpPolicy = policy(closed, "connection_termination_details");
        screen.say("tcp   " + said.err().lines().findFirst().orElse("answered") + " · " + tcpPolicy + " · caller "
                + caller(closed));
        named(screen, "TCP", tcpPolicy, closed, client);
        screen.expect(
                tcp.applicationSawNothing("ratings", line -> line.of("line").startsWith("intruder")),
                "ratings' application read the line");
    }

    private static void named(
            Screen screen, String what, String policy, Optional<LogEntry> line, String expectedCaller) {
        screen.expect(
                policy.startsWith("policy shop/ratings-only-catalog"),
                what + ": the log line of ratings' sidecar names " + policy + " (expected: shop/ratings-only-catalog)");
        screen.expect(
                caller(line).equals(expectedCaller),
                what + ": the log line of ratings' sidecar has caller " + caller(line) + " (expected: " + expectedCaller
                        + ")");
    }

    private static String caller(Optional<LogEntry> line) {
        return line.map(entry -> entry.of("downstream_peer_uri_san")).orElse("unknown (no log line)");
    }

    /** The policy in words, from the detail of one log line. */
    static String policy(Optional<LogEntry> line, String key) {
        if (line.isEmpty()) {
            return "no log line";
        }
        Matcher matcher = POLICY.matcher(line.get().of(key));
        return matcher.find()
                ? "policy " + matcher.group(1) + "/" + matcher.group(2) + ", rule " + matcher.group(3)
                : "no policy (" + key + ": \"" + line.get().of(key) + "\")";
    }
}
