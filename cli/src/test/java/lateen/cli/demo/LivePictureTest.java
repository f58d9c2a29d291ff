package lateen.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lateen.cli.services.LocalSource;
import lateen.local.Distribution;
import lateen.local.LocalMesh;
import lateen.services.dashboard.Dashboard;
import lateen.testing.NeedsRoot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The dashboard over a running mesh, seen from another process's side: by the name of the run. */
@NeedsRoot
class LivePictureTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String RUN = "lt-picture";

    @TempDir
    static Path home;

    @Test
    void theShopsCallsAreSeenWithTheirIdentitiesAndRates() throws Exception {
        BuiltPrograms.into(home);
        Distribution distribution = new Distribution(home);
        Shop shop = Shop.read(distribution);
        try (LocalMesh mesh = LocalMesh.start(shop.plan(RUN, Sabotage.NONE, Optional.empty()), distribution);
                Dashboard dashboard = Dashboard.start(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), LocalSource.ofRun(RUN));
                HttpClient http = HttpClient.newHttpClient()) {
            Calls calls = new Calls(mesh, shop);
            HttpRequest request = HttpRequest.newBuilder(dashboard.url().resolve("/graph.json"))
                    .build();
            List<String> chain = List.of(
                    "shop/client → shop/frontend", "shop/frontend → shop/catalog@v1", "shop/catalog@v1 → shop/ratings");

            JsonObject graph = await().atMost(PATIENCE)
                    .until(
                            () -> {
                                calls.get("client", "http://frontend/books");
                                return JsonParser.parseString(http.send(request, HttpResponse.BodyHandlers.ofString())
                                                .body())
                                        .getAsJsonObject();
                            },
                            seen -> busy(seen).containsAll(chain));

            assertThat(graph.getAsJsonObject("problems").size()).isZero();
            for (JsonObject edge : edges(graph)) {
                assertThat(edge.get("security").getAsString()).as("%s", edge).isEqualTo("mutual_tls");
                assertThat(edge.get("sourceIdentity").getAsString()).startsWith("spiffe://cluster.local/ns/shop/sa/");
                assertThat(edge.get("destinationIdentity").getAsString())
                        .startsWith("spiffe://cluster.local/ns/shop/sa/");
            }
            assertThat(graph.getAsJsonArray("nodes")).anySatisfy(node -> {
                assertThat(node.getAsJsonObject().get("name").getAsString()).isEqualTo("outsider");
                assertThat(node.getAsJsonObject().get("kind").getAsString()).isEqualTo("outside");
            });
        }
    }

    private static List<String> busy(JsonObject graph) {
        return edges(graph).stream()
                .filter(edge -> edge.has("requests")
                        && edge.getAsJsonObject("requests").get("perSecond").getAsDouble() > 0
                        && !edge.getAsJsonObject("requests").get("p99").isJsonNull())
                .map(edge ->
                        edge.get("from").getAsString() + " → " + edge.get("to").getAsString())
                .toList();
    }

    private static List<JsonObject> edges(JsonObject graph) {
        List<JsonObject> edges = new ArrayList<>();
        for (JsonElement edge : graph.getAsJsonArray("edges")) {
            edges.add(edge.getAsJsonObject());
        }
        return edges;
    }
}
