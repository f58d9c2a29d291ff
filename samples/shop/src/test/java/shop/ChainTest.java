package shop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ChainTest {
    private final ByteArrayOutputStream logged = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(logged, true, StandardCharsets.UTF_8);
    private Trouble trouble;
    private HttpService ratings;
    private HttpService catalog;
    private TcpService ratingsTcp;
    private TcpService catalogTcp;

    @BeforeEach
    void start() throws IOException {
        trouble = Trouble.listening(0);
        ratings = HttpService.start("ratings", "", 0, Optional.empty(), trouble, new ServedLog("ratings", out));
        catalog = HttpService.start(
                "catalog",
                "v2",
                0,
                Optional.of(new HostPort("127.0.0.1", ratings.port())),
                new Trouble(),
                new ServedLog("catalog", out));
        ratingsTcp = TcpService.start("ratings", 0, Optional.empty(), new ServedLog("ratings", out));
        catalogTcp = TcpService.start(
                "catalog", 0, Optional.of(new HostPort("127.0.0.1", ratingsTcp.port())), new ServedLog("catalog", out));
    }

    @AfterEach
    void stop() throws IOException {
        trouble.close();
        ratings.close();
        catalog.close();
        ratingsTcp.close();
        catalogTcp.close();
    }

    @Test
    void aRequestReachesTheLastServiceWithItsRequestIdAndEachHopLogsOneLine() throws Exception {
        HttpResponse<String> response = get(catalog.port(), "GET");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("""
                        {"service":"catalog","version":"v2","from":{"service":"ratings","stars":{"Moby-Dick":5,"Walden":4}}}
                        """);
        assertThat(logged.toString(StandardCharsets.UTF_8).lines())
                .hasSize(2)
                .allSatisfy(line -> assertThat(line)
                        .contains("\"peer\":\"127.0.0.1:", "\"path\":\"/books?x=1\"", "\"request_id\":\"id-1\""));
    }

    @Test
    void aNextServiceThatIsGoneIsA502WithTheReason() throws Exception {
        ratings.close();

        HttpResponse<String> response = get(catalog.port(), "GET");

        assertThat(response.statusCode()).isEqualTo(502);
        assertThat(response.body()).contains("127.0.0.1 did not answer");
    }

    @Test
    void anInstanceIsInTroubleFromWhenItIsToldUntilItIsToldOtherwise() throws Exception {
        assertThat(tell("POST", "status=500&delay=1").statusCode()).isEqualTo(204);
        assertThat(get(ratings.port(), "GET").statusCode()).isEqualTo(500);
        assertThat(tell("GET", "status=200&delay=0").statusCode()).isEqualTo(400);
        assertThat(tell("POST", "status=99&delay=0").statusCode()).isEqualTo(400);
        assertThat(get(ratings.port(), "GET").statusCode()).isEqualTo(500);
        assertThat(tell("POST", "status=200&delay=0").statusCode()).isEqualTo(204);
        assertThat(get(ratings.port(), "GET").statusCode()).isEqualTo(200);
    }

    private HttpResponse<String> tell(String method, String what) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + trouble.port() + "/?" + what))
                                .method(method, HttpRequest.BodyPublishers.noBody())
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void anotherMethodIsRefused() throws Exception {
        assertThat(get(ratings.port(), "DELETE").statusCode()).isEqualTo(405);
    }

    @Test
    void aLineCollectsTheNameOfEveryHopAndTheHalfCloseEndsTheChain() {
        ByteArrayOutputStream heard = new ByteArrayOutputStream();

        int status = say(catalogTcp.port(), heard, "hello", "again");

        assertThat(heard.toString(StandardCharsets.UTF_8)).isEqualTo("hello catalog ratings\nagain catalog ratings\n");
        assertThat(status).isZero();
    }

    @Test
    void aConnectionClosedWithoutAnAnswerIsAFailureOfTheCaller() throws IOException {
        ratingsTcp.close();
        ByteArrayOutputStream heard = new ByteArrayOutputStream();

        int status = say(catalogTcp.port(), heard, "hello");

        assertThat(heard.size()).isZero();
        assertThat(status).isEqualTo(1);
    }

    @Test
    void quotesAndControlCharactersInAPathCannotForgeALogLine() {
        assertThat(Json.quote("a\"b\\c\nd")).isEqualTo("\"a\\\"b\\\\c\\u000ad\"");
    }

    private static HttpResponse<String> get(int port, String method) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/books?x=1"))
                .header("x-request-id", "id-1")
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        }
    }

    private static int say(int port, ByteArrayOutputStream heard, String... lines) {
        ArrayDeque<String> args = new ArrayDeque<>(List.of("127.0.0.1", Integer.toString(port)));
        args.addAll(List.of(lines));
        return Say.run(args, new PrintStream(heard, true, StandardCharsets.UTF_8));
    }
}
