package lateen.cli.sidecar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code lateen proxy -c FILE} as a whole, in this process. */
class StaticProxyTest {
    @TempDir
    Path directory;

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(String json) throws Exception {
        Path file = Files.writeString(directory.resolve("bootstrap.json"), json);
        PrintStream errors = new PrintStream(err, true);
        return ProxyCommand.run(
                List.of("-c", file.toString(), "--concurrency", "1"),
                Map.of(),
                InputStream.nullInputStream(),
                errors,
                errors);
    }

    @Test
    void aBootstrapThatIsNotThereIsNamed() {
        PrintStream errors = new PrintStream(err, true);
        String file = directory.resolve("none.json").toString();
        int exit = ProxyCommand.run(List.of("-c", file), Map.of(), InputStream.nullInputStream(), errors, errors);
        assertThat(exit).isEqualTo(1);
        assertThat(err.toString()).startsWith("lateen proxy: " + file + ": no such file (expected: an Envoy bootstrap");
    }

    private static String address(int port) {
        return "{\"socket_address\": {\"address\": \"127.0.0.1\", \"port_value\": " + port + "}}";
    }

    private static int freePort() throws Exception {
        try (ServerSocket probe = new ServerSocket(0)) {
            return probe.getLocalPort();
        }
    }

    private static HttpResponse<String> ask(String method, int port, String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                .method(method, HttpRequest.BodyPublishers.noBody())
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void theAdministrationInterfaceAnswersUntilItEndsTheProxy() throws Exception {
        int port = freePort();
        CompletableFuture<Integer> exit = CompletableFuture.supplyAsync(() -> {
            try {
                return run("{\"node\": {\"id\": \"gateway~1\"}, \"admin\": {\"address\": " + address(port) + "}}");
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        await().ignoreExceptions().until(() -> ask("GET", port, "/ready").statusCode() == 200);
        assertThat(ask("GET", port, "/config_dump").body()).contains("BootstrapConfigDump", "gateway~1");
        assertThat(ask("POST", port, "/drain_listeners").statusCode()).isEqualTo(200);
        assertThat(ask("GET", port, "/ready").statusCode()).isEqualTo(503);
        assertThat(ask("POST", port, "/quitquitquit").body()).isEqualTo("OK\n");
        assertThat(exit.get(10, TimeUnit.SECONDS)).isZero();
    }

    @Test
    void anAdministrationPortInUseEndsItWithAReason() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(run("{\"admin\": {\"address\": " + address(taken.getLocalPort()) + "}}"))
                    .isEqualTo(1);
            assertThat(err.toString())
                    .startsWith("lateen proxy: port " + taken.getLocalPort()
                            + " (administration): cannot listen on 127.0.0.1")
                    .contains("another program listens there");
        }
    }

    @Test
    void aListenersPortInUseEndsItWithAReason() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String listener = """
                    {"static_resources": {
                      "listeners": [{"name": "inbound", "address": %s, "filter_chains": [{"filters": [{"name": "tcp",
                        "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
                          "stat_prefix": "tcp", "cluster": "app"}}]}]}],
                      "clusters": [{"name": "app", "type": "STATIC", "connect_timeout": "1s",
                        "load_assignment": {"cluster_name": "app"}}]}}
                    """.formatted(address(taken.getLocalPort()));
            assertThat(run(listener)).isEqualTo(1);
            assertThat(err.toString())
                    .contains("listener 'inbound': cannot listen on 127.0.0.1:" + taken.getLocalPort())
                    .contains("another program listens there");
        }
    }
}
