package lateen.cli.demo;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import lateen.local.Command;
import lateen.local.LocalMesh;
import lateen.local.Supervised;

/** Requests to frontend are decided by a real OPA: by method, path and caller; while it is away they are refused. */
final class OpaStep {
    private static final String FILE = "authz.yaml";
    private static final String BOOKS = "http://frontend/books";
    private static final String ADMIN = "http://frontend/admin";
    private static final String REASON = "x-lateen-authz-failure: ";
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    /** More than calls between two sidecars leave behind. */
    private static final int CONNECTIONS = 10;

    private OpaStep() {}

    static void run(Stage stage) throws IOException, InterruptedException {
        Screen screen = stage.screen();
        screen.title("External authorization: a real OPA decides who may do what at frontend");
        String policy = stage.shop().chapter("policy.rego");
        load(stage, policy);
        stage.mesh().configure(FILE, stage.shop().chapter(FILE));
        boolean asked = Until.holds(PATIENCE, () -> asked(stage));
        screen.expect(asked, "a request that the policy does not allow passed");

        decided(stage, "client", BOOKS, 200, "");
        decided(stage, "client", ADMIN, 403, "ext_authz_denied");
        decided(stage, "catalog", BOOKS, 403, "ext_authz_denied");
        posted(stage);
        changed(stage, policy);
        away(stage);
        stage.mesh().unconfigure(FILE);
        screen.expect(
                Until.holds(PATIENCE, () -> get(stage, "client", ADMIN).status() == 200),
                "OPA is still asked after the policy was taken away");
    }

    /** An Envoy's connections that were open before serve one more request each without the check. */
    private static boolean asked(Stage stage) throws IOException {
        for (int call = 0; call < CONNECTIONS; call++) {
            if (get(stage, "client", ADMIN).status() != 403) {
                return false;
            }
        }
        return true;
    }

    private static Calls.Http get(Stage stage, String from, String url) throws IOException {
        return stage.calls().get(from, url);
    }

    /** One request and what frontend's sidecar and application logged of it. */
    private static void decided(Stage stage, String from, String url, int status, String details) throws IOException {
        Screen screen = stage.screen();
        Witness witness = new Witness(stage.mesh());
        Calls.Http answer = get(stage, from, url);
        Optional<LogEntry> line =
                witness.sidecar("frontend", entry -> entry.of("request_id").equals(answer.id()) && !entry.outbound());
        String why = line.map(entry -> entry.of("response_code_details")).orElse("no log line");
        String path = url.substring(url.lastIndexOf('/'));
        screen.say(
                String.format("GET  %-7s as %-8s %d%s", path, from, answer.status(), status == 200 ? "" : " · " + why));
        screen.expect(
                answer.status() == status,
                "GET " + path + " as " + from + ": " + answer.status() + " (expected: " + status + ")");
        screen.expect(
                status == 200 || why.startsWith(details),
                "frontend's sidecar logged \"" + why + "\" (expected: " + details + ")");
        screen.expect(
                (witness.served("frontend", entry -> entry.of("request_id").equals(answer.id())) == 1)
                        == (status == 200),
                "frontend's application " + (status == 200 ? "did not serve" : "served") + " the request");
    }

    private static void posted(Stage stage) throws IOException {
        int status = stage.calls().statuses("client", BOOKS, 1, "-X", "POST").getFirst();
        stage.screen().say("POST /books  as client   " + status);
        stage.screen().expect(status == 403, "POST /books: " + status + " (expected: 403)");
    }

    private static void changed(Stage stage, String policy) throws IOException {
        load(
                stage,
                policy.replace("input.parsed_path[0] == \"books\"", "input.parsed_path[0] in {\"books\", \"admin\"}"));
        Calls.Http answer = get(stage, "client", ADMIN);
        stage.screen().say("policy changed, nothing restarted: GET /admin as client " + answer.status());
        stage.screen().expect(answer.status() == 200, "after the policy allows it: " + answer.status());
        load(stage, policy);
    }

    private static void away(Stage stage) throws IOException, InterruptedException {
        Screen screen = stage.screen();
        Supervised opa = stage.mesh().workload(Shop.AUTHZ).applications().getFirst();
        opa.close();
        List<String> answer = stage.mesh()
                .run(stage.mesh().workload("client"), PATIENCE, "curl", "-s", "-o", "/dev/null", "-D", "-", BOOKS)
                .out()
                .lines()
                .map(String::strip)
                .toList();
        String status = answer.isEmpty() ? "no answer" : answer.getFirst();
        String reason = answer.stream()
                .filter(line -> line.startsWith(REASON))
                .map(line -> line.substring(REASON.length()))
                .findFirst()
                .orElse("no reason");
        screen.say("OPA away: GET /books as client " + status + " · " + reason);
        screen.expect(status.contains(" 403"), "while OPA is away: " + status + " (expected: 403)");
        screen.expect(reason.contains("OPA"), "the refusal does not say why: " + answer);
        opa.start();
        load(stage, stage.shop().chapter("policy.rego"));
        boolean back = Until.holds(PATIENCE, () -> get(stage, "client", BOOKS).status() == 200);
        screen.say(back ? "OPA back: 200" : "OPA back: still refused");
        screen.expect(back, "requests are still refused after OPA came back");
    }

    /** As anybody who keeps policies does: OPA's own API. */
    private static void load(Stage stage, String policy) throws IOException {
        LocalMesh mesh = stage.mesh();
        Command.Result loaded = mesh.run(
                mesh.workload(Shop.AUTHZ),
                PATIENCE,
                "curl",
                "-sS",
                "-f",
                "--retry",
                "20",
                "--retry-connrefused",
                "--retry-delay",
                "1",
                "-X",
                "PUT",
                "--data-binary",
                policy,
                Shop.OPA + "/v1/policies/shop");
        if (loaded.exit() != 0) {
            throw new IOException("OPA did not take the policy: " + loaded.err() + loaded.out());
        }
    }
}
