package lateen.services.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The page as a browser gets it, over a mesh of fixed figures. */
class DashboardTest {
    private final HttpClient http = HttpClient.newHttpClient();
    private Dashboard dashboard;

    @BeforeEach
    void start() throws IOException {
        dashboard = Dashboard.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), new Bookshop(), Duration.ofMillis(50));
    }

    @AfterEach
    void stop() {
        dashboard.close();
        http.close();
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(dashboard.url().resolve(path)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private JsonObject measured() {
        return Awaitility.await()
                .atMost(20, TimeUnit.SECONDS)
                .until(
                        () -> JsonParser.parseString(get("/graph.json").body()).getAsJsonObject(),
                        graph -> graph.get("measured").getAsBoolean());
    }

    @Test
    void figuresAreThere() {
        JsonObject graph = measured();

        assertThat(graph.get("name").getAsString()).isEqualTo("bookshop");
        assertThat(graph.getAsJsonArray("nodes")).hasSize(15);
        List<JsonObject> edges = new ArrayList<>();
        graph.getAsJsonArray("edges").forEach(edge -> edges.add(edge.getAsJsonObject()));
        JsonObject canary = edges.stream()
                .filter(edge -> edge.get("to").getAsString().equals("shop/catalog-v2"))
                .findFirst()
                .orElseThrow();
        assertThat(canary.getAsJsonObject("requests").get("perSecond").getAsDouble())
                .isEqualTo(10);
        assertThat(canary.get("security").getAsString()).isEqualTo("mutual_tls");
        assertThat(canary.get("sourceIdentity").getAsString()).isEqualTo("spiffe://cluster.local/ns/shop/sa/frontend");
        assertThat(graph.getAsJsonObject("problems").get("mail").getAsString()).isEqualTo("connection refused");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/dashboard.css", "/dashboard.js", "/format.js", "/icon.svg"})
    void everythingOfThePageIsServedFromHere(String path) throws Exception {
        HttpResponse<String> file = get(path);

        assertThat(file.statusCode()).isEqualTo(200);
        // The only address is SVG's name of itself.
        assertThat(file.body().replace("http://www.w3.org/2000/svg", ""))
                .doesNotContain("http://", "https://", "//cdn");
        assertThat(file.headers().firstValue("content-security-policy")).isPresent();
        assertThat(file.body()).doesNotContain("innerHTML", "insertAdjacentHTML", "document.write", "eval(");
    }

    @Test
    void aSourceIsAskedOnlyWhileSomebodyLooks() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        MetricsSource counting = new MetricsSource() {
            @Override
            public String name() {
                return "x";
            }

            @Override
            public Observation observe() {
                asked.incrementAndGet();
                return new Observation(List.of(), List.of());
            }
        };
        try (Dashboard quiet = Dashboard.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), counting)) {
            URI graph = quiet.url().resolve("/graph.json");
            http.send(HttpRequest.newBuilder(quiet.url()).build(), HttpResponse.BodyHandlers.ofString());
            assertThat(asked).hasValue(0);
            http.send(HttpRequest.newBuilder(graph).build(), HttpResponse.BodyHandlers.ofString());
            assertThat(asked).hasValue(1);
        }
    }

    @Test
    @Tag("browser")
    void aBrowserShowsNodesEdgesIdentitiesAndNumbers(@TempDir Path folder) throws Exception {
        Chromium chromium = new Chromium(folder);
        measured();

        String dom = chromium.dom(dashboard.url());

        assertThat(dom).contains("live: the last ten seconds");
        for (JsonElement node : measured().getAsJsonArray("nodes")) {
            String id = node.getAsJsonObject().get("id").getAsString();
            assertThat(dom).contains("data-node=\"" + id.replace("<", "&lt;").replace(">", "&gt;") + "\"");
        }
        assertThat(count(dom, "<path[^>]* d=\"M[^\"]+\"[^>]*data-from=\"")).isEqualTo(15);
        assertThat(dom)
                .contains(
                        ">spiffe://cluster.local/ns/shop/sa/frontend\n→ spiffe://cluster.local/ns/shop/sa/catalog-v2<")
                .contains(">120/s · 0 % err<", ">49/s · 8.2 % fail<")
                .contains("frontend calls catalog-v2; mutual TLS; 10 requests a second")
                .contains("mail does not answer: connection refused")
                .contains(">plain callers<", ">outside the mesh<")
                // A name is text, whatever it looks like.
                .doesNotContain("<b>bold</b>");
        Path pictures = Files.createDirectories(Path.of("target", "pictures"));
        chromium.picture(dashboard.url(), pictures.resolve("light.png"), 1280, 1500, false);
        chromium.picture(dashboard.url(), pictures.resolve("dark.png"), 1280, 1500, true);
        chromium.picture(dashboard.url(), pictures.resolve("narrow.png"), 800, 1500, false);
        assertThat(pictures.resolve("light.png")).isNotEmptyFile();
    }

    private static long count(String text, String pattern) {
        return Pattern.compile(pattern).matcher(text).results().count();
    }
}
