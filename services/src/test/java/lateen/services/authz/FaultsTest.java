package lateen.services.authz;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.envoyproxy.envoy.service.auth.v3.AuthorizationGrpc;
import io.envoyproxy.envoy.service.auth.v3.CheckRequest;
import io.envoyproxy.envoy.service.auth.v3.CheckResponse;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every way in which OPA fails is a refusal that says why; a policy that OPA could not be asked about never allows. */
class FaultsTest {

    private static CheckResponse askOpaAt(URI opa, Duration timeout, CheckRequest request) throws Exception {
        try (AuthzServer server = AuthzServer.start(Checks.settings(opa).withTimeout(timeout));
                Checks checks = Checks.to(server)) {
            return checks.check(request);
        }
    }

    private static String reason(CheckResponse refused) {
        assertThat(refused.getStatus().getCode()).isEqualTo(7);
        assertThat(refused.getDeniedResponse().getStatus().getCodeValue()).isEqualTo(403);
        assertThat(refused.hasOkResponse()).isFalse();
        assertThat(refused.getDeniedResponse().getHeadersList()).hasSize(1);
        assertThat(refused.getDeniedResponse().getHeaders(0).getHeader().getKey())
                .isEqualTo("x-lateen-authz-failure");
        return refused.getDeniedResponse().getHeaders(0).getHeader().getValue();
    }

    /** Answers everything with one status and body. */
    private static HttpServer answering(int status, String body) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
        return server;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "500 | {\"code\": \"internal_error\", \"message\": \"boom\"} | status 500: boom",
                "503 | busy | status 503",
                "302 | moved | status 302",
                "204 | `` | status 204",
                "200 | <html>hello</html> | its answer is not a JSON object",
                "200 | [true] | its answer is not a JSON object",
                "200 | {\"result\": true} trailing | its answer is not a JSON object",
                "200 | {\"result\": true, \"result\": false} | its answer is not a JSON object",
                "200 | {\"result\": \"yes\"} | result: is a string (expected: a boolean, or an object with allowed)",
                "200 | {\"result\": 1} | result: is a number (expected: a boolean, or an object with allowed)",
                "200 | {\"result\": null} | result: is null (expected: a boolean, or an object with allowed)",
                "200 | {\"result\": {}} | result.allowed: missing (expected: a boolean)",
                "200 | {\"result\": {\"allowed\": \"true\"}} | result.allowed: is a string (expected: a boolean)",
                "200 | {\"result\": {\"allowed\": true, \"headers\": {\"x\": 5}}} | result.headers.x: is a number (expected: a string)",
                "200 | {\"result\": {\"allowed\": true, \"headers\": {\"a b\": \"c\"}}} | result.headers: 'a b' (expected: a header's name)",
                "200 | {\"result\": {\"allowed\": true, \"headers\": {\"x\": \"a\\nb: c\"}}} | result.headers.x: has control characters (expected: a header's value)",
                "200 | {\"result\": {\"allowed\": true, \"request_headers_to_remove\": \"x\"}} | result.request_headers_to_remove: is a string (expected: a list of strings)",
                "200 | {\"result\": {\"allowed\": true, \"dynamic_metadata\": []}} | result.dynamic_metadata: is a list (expected: an object)",
                "200 | {\"result\": {\"allowed\": false, \"http_status\": \"401\"}} | result.http_status: is a string (expected: a number)",
                "200 | {\"result\": {\"allowed\": false, \"http_status\": 999}} | result.http_status: 999 (expected: an HTTP status, 200..599)",
                "200 | {\"result\": {\"allowed\": false, \"body\": 1}} | result.body: is a number (expected: a string)",
            })
    void anAnswerThatIsNoDecisionRefuses(int status, String body, String why) throws Exception {
        HttpServer opa = answering(status, body);
        try {
            URI url = URI.create("http://127.0.0.1:" + opa.getAddress().getPort());
            CheckResponse refused = askOpaAt(url, Duration.ofSeconds(10), Checks.get("/books"));
            assertThat(reason(refused)).isEqualTo("OPA at " + url + ": " + why);
        } finally {
            opa.stop(0);
        }
    }

    @Test
    void anAnswerWithoutEndRefuses() throws Exception {
        HttpServer opa = answering(200, "{\"result\": true, \"x\": \"" + "y".repeat(1 << 20) + "\"}");
        try {
            URI url = URI.create("http://127.0.0.1:" + opa.getAddress().getPort());
            assertThat(reason(askOpaAt(url, Duration.ofSeconds(10), Checks.get("/"))))
                    .isEqualTo("OPA at " + url + ": its answer is longer than 1048576 bytes");
        } finally {
            opa.stop(0);
        }
    }

    @Test
    void deepNonsenseRefuses() throws Exception {
        HttpServer opa = answering(200, "{\"result\":" + "[".repeat(500_000));
        try {
            URI url = URI.create("http://127.0.0.1:" + opa.getAddress().getPort());
            assertThat(reason(askOpaAt(url, Duration.ofSeconds(10), Checks.get("/"))))
                    .endsWith("its answer is not a JSON object");
        } finally {
            opa.stop(0);
        }
    }

    @Test
    void nobodyListeningRefuses() throws Exception {
        int port;
        try (ServerSocket closed = new ServerSocket(0)) {
            port = closed.getLocalPort();
        }
        URI url = URI.create("http://127.0.0.1:" + port);
        assertThat(reason(askOpaAt(url, Duration.ofSeconds(10), Checks.get("/"))))
                .isEqualTo("OPA at " + url + ": connection refused");
    }

    @Test
    void anUnknownHostRefuses() throws Exception {
        URI url = URI.create("http://opa.invalid:8181");
        assertThat(reason(askOpaAt(url, Duration.ofSeconds(10), Checks.get("/"))))
                .isEqualTo("OPA at " + url + ": unknown host");
    }

    /** Accepts, and says whatever it is told to, and no more. */
    @ParameterizedTest
    @CsvSource({
        "'', 'no answer within 300 ms'",
        "'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"result\": true', 'no answer within 300 ms'"
    })
    void silenceBeforeOrWithinTheAnswerRefuses(String said, String why) throws Exception {
        try (ServerSocket opa = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread.ofPlatform().daemon().start(() -> {
                try {
                    Socket socket = opa.accept();
                    socket.getOutputStream().write(said.getBytes(StandardCharsets.US_ASCII));
                    socket.getInputStream().readAllBytes();
                } catch (IOException e) {
                    // The test ended.
                }
            });
            URI url = URI.create("http://127.0.0.1:" + opa.getLocalPort());
            assertThat(reason(askOpaAt(url, Duration.ofMillis(300), Checks.get("/"))))
                    .isEqualTo("OPA at " + url + ": " + why);
        }
    }

    @Test
    void aConnectionThatBreaksRefuses() throws Exception {
        try (ServerSocket opa = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread.ofPlatform().daemon().start(() -> {
                try {
                    while (true) {
                        opa.accept().close();
                    }
                } catch (IOException e) {
                    // The test ended.
                }
            });
            URI url = URI.create("http://127.0.0.1:" + opa.getLocalPort());
            assertThat(reason(askOpaAt(url, Duration.ofSeconds(10), Checks.get("/"))))
                    .startsWith("OPA at " + url + ": the connection broke: ");
        }
    }

    @Test
    void moreQuestionsThanAreLetInAreRefusedAtOnce() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        HttpServer opa = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        opa.createContext("/", exchange -> {
            asked.countDown();
            try {
                go.await(20, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write("{\"result\": true}".getBytes(StandardCharsets.US_ASCII));
            exchange.close();
        });
        opa.start();
        URI url = URI.create("http://127.0.0.1:" + opa.getAddress().getPort());
        AuthzSettings settings =
                Checks.settings(url).withTimeout(Duration.ofSeconds(20)).withMaxQuestions(1);
        try (AuthzServer server = AuthzServer.start(settings);
                Checks checks = Checks.to(server)) {
            Future<CheckResponse> first =
                    AuthorizationGrpc.newFutureStub(checks.channel()).check(Checks.get("/"));
            assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(reason(checks.check(Checks.get("/"))))
                    .isEqualTo("OPA at " + url + ": 1 questions are being asked, more are not let in");
            go.countDown();
            assertThat(first.get(10, TimeUnit.SECONDS).getStatus().getCode()).isZero();
            // And there is room again.
            assertThat(checks.check(Checks.get("/")).getStatus().getCode()).isZero();
            assertThat(server.metrics())
                    .contains(
                            "lateen_authz_decisions_total{result=\"allowed\"} 2",
                            "lateen_authz_decisions_total{result=\"failed\"} 1",
                            "lateen_authz_duration_milliseconds_count 3");
        } finally {
            go.countDown();
            opa.stop(0);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/a%2, path: '%' without two hexadecimal digits after it",
        "/a#b, 'path: has a fragment (expected: none, RFC 9112 3.2)'",
    })
    void aRequestThatCannotBeShownToThePolicyIsRefusedUnasked(String path, String why) throws Exception {
        URI nobody = URI.create("http://127.0.0.1:1");
        assertThat(reason(askOpaAt(nobody, Duration.ofSeconds(1), Checks.get(path))))
                .isEqualTo(why);
    }

    @Test
    void aBodyThatIsNotWhatItsTypeSaysIsRefusedUnasked() throws Exception {
        CheckRequest request = Checks.request("POST", "/", Map.of("content-type", "application/json"), "{");
        assertThat(reason(askOpaAt(URI.create("http://127.0.0.1:1"), Duration.ofSeconds(1), request)))
                .isEqualTo("body: is not JSON, as its content-type says");
    }

    @Test
    void healthIsServing() throws Exception {
        try (AuthzServer server = AuthzServer.start(Checks.settings(URI.create("http://127.0.0.1:1")));
                Checks checks = Checks.to(server)) {
            for (String service : List.of("", "envoy.service.auth.v3.Authorization")) {
                assertThat(HealthGrpc.newBlockingStub(checks.channel())
                                .check(HealthCheckRequest.newBuilder()
                                        .setService(service)
                                        .build())
                                .getStatus())
                        .isEqualTo(ServingStatus.SERVING);
            }
        }
    }

    /** A check that OPA is being asked about gets its decision when the server stops. */
    @Test
    void stoppingLetsChecksEnd() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        HttpServer opa = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        opa.createContext("/", exchange -> {
            asked.countDown();
            try {
                go.await(20, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write("{\"result\": true}".getBytes(StandardCharsets.US_ASCII));
            exchange.close();
        });
        opa.start();
        URI url = URI.create("http://127.0.0.1:" + opa.getAddress().getPort());
        AuthzServer server = AuthzServer.start(Checks.settings(url).withTimeout(Duration.ofSeconds(20)));
        try (Checks checks = Checks.to(server)) {
            Future<CheckResponse> first =
                    AuthorizationGrpc.newFutureStub(checks.channel()).check(Checks.get("/"));
            assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();
            Thread stopping = Thread.ofPlatform().start(server::close);
            go.countDown();
            assertThat(first.get(10, TimeUnit.SECONDS).getStatus().getCode()).isZero();
            stopping.join();
        } finally {
            opa.stop(0);
        }
    }
}
