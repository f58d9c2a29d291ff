package lateen.cli.demo;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import lateen.identity.SpiffeId;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The dashboard's picture while requests run: who calls whom, as whom; compared with the plan. */
final class PictureStep {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final List<String> EDGES = List.of("client → frontend", "frontend → catalog", "catalog → ratings");

    private PictureStep() {}

    static void run(Stage stage) throws IOException {
        Screen screen = stage.screen();
        screen.title("The picture: " + stage.picture());
        Set<String> seen = new TreeSet<>();
        boolean whole;
        try (Traffic traffic = Traffic.start(stage.calls(), "client", "http://frontend/books")) {
            whole = Until.holds(PATIENCE, () -> {
                seen.clear();
                edges(stage.picture()).forEach(edge -> line(stage, edge, seen));
                return seen.containsAll(EDGES);
            });
            traffic.close();
            screen.expect(traffic.failures().isEmpty(), "requests failed: " + traffic.failures());
        }
        EDGES.stream().filter(seen::contains).forEach(edge -> screen.say(edge + "  busy, mutual TLS, both identities"));
        screen.expect(
                whole,
                "edges that are busy, with mutual TLS and the identities of the plan: " + seen + " (expected: " + EDGES
                        + ")");
    }

    /** Adds the edge's name if it is busy and both its ends are who the plan says. */
    private static void line(Stage stage, Map<?, ?> edge, Set<String> seen) {
        boolean busy = edge.get("requests") instanceof Map<?, ?> requests
                && requests.get("perSecond") instanceof Number rate
                && rate.doubleValue() > 0;
        for (String name : EDGES) {
            String from = name.substring(0, name.indexOf(' '));
            String to = name.substring(name.lastIndexOf(' ') + 1);
            if (busy
                    && "mutual_tls".equals(edge.get("security"))
                    && identity(stage, from).equals(edge.get("sourceIdentity"))
                    && identity(stage, to).equals(edge.get("destinationIdentity"))) {
                seen.add(name);
            }
        }
    }

    private static String identity(Stage stage, String workload) {
        return stage.mesh()
                .workload(workload)
                .identity()
                .map(SpiffeId::toString)
                .orElse("none");
    }

    private static List<Map<?, ?>> edges(URI picture) throws IOException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(picture.resolve("/graph.json"))
                            .timeout(PATIENCE)
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            // YAML 1.2 holds JSON, and its reader is here anyway.
            if (answer.statusCode() == 200
                    && new Load(LoadSettings.builder().build()).loadFromString(answer.body()) instanceof Map<?, ?> graph
                    && graph.get("edges") instanceof List<?> edges) {
                return edges.stream()
                        .filter(Map.class::isInstance)
                        .<Map<?, ?>>map(edge -> (Map<?, ?>) edge)
                        .toList();
            }
            throw new IOException(picture + "graph.json: status " + answer.statusCode() + " (expected: a graph)");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
