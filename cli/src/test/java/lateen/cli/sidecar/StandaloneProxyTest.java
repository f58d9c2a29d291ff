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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code lateen proxy -c FILE} as a whole, in this process. */
class StandaloneProxyTest {
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

    private int command(String... arguments) {
        PrintStream both = new PrintStream(err, true);
        return ProxyCommand.run(List.of(arguments), Map.of(), InputStream.nullInputStream(), both, both);
    }

    @Test
    void validateSaysEverythingThatIsWrongAndStartsNothing() throws Exception {
        Path file = Files.writeString(directory.resolve("b.yaml"), """
                static_resources:
                  clusters:
                    - {name: a, typo: 1}
                  listeners:
                    - {name: l, adress: {}}
                """);
        assertThat(command("-c", file.toString(), "--mode", "validate")).isEqualTo(1);
        assertThat(err.toString().lines())
                .containsExactly(
                        "lateen proxy: " + file
                                + ":3: static_resources.clusters[0].typo: unknown field of envoy.config.cluster.v3.Cluster",
                        "lateen proxy: " + file
                                + ":5: static_resources.listeners[0].adress: unknown field of envoy.config.listener.v3.Listener");
    }

    @Test
    void aGoodFileIsSaidToBeGoodAndWhatHasNoEffectIsNamed() throws Exception {
        Path file = Files.writeString(directory.resolve("b.yaml"), "stats_flush_interval: 5s\n");
        assertThat(command("-c", file.toString(), "--mode", "validate", "--use-dynamic-base-id", "--enable-core-dump"))
                .isZero();
        assertThat(err.toString().lines())
                .containsExactly(
                        "lateen proxy: accepted without effect: stats_flush_interval",
                        "lateen proxy: accepted without effect: --enable-core-dump --use-dynamic-base-id",
                        "configuration '" + file + "' OK");
    }

    /** What is put together wrongly is found too: two chains that match the same. */
    @Test
    void whatContradictsItselfIsFoundByValidation() throws Exception {
        String chain =
                "{filters: [{name: t, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: t, cluster: c}}]}";
        Path file = Files.writeString(directory.resolve("b.yaml"), """
                static_resources:
                  listeners:
                    - name: l
                      address: {socket_address: {address: 127.0.0.1, port_value: 1}}
                      filter_chains: [%s, %s]
                """.formatted(chain, chain));
        assertThat(command("-c", file.toString(), "--mode", "validate")).isEqualTo(1);
        assertThat(err.toString()).contains("the same match as an earlier filter chain");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            --mode init_only          | --mode: 'init_only' (expected: serve or validate)
            --restart-epoch 1 --disable-hot-restart | --restart-epoch: '1' (expected: 0 with
            --restart-epoch one       | --restart-epoch: 'one' (expected: a number from 0)
            --base-id -1              | --base-id: '-1' (expected: a number from 0)
            --stats-tag a:b           | '--stats-tag' (expected: sidecar, -c FILE or a flag; see --help)
            --log-path /x             | '--log-path' (expected:
            --log-level loud          | --log-level: 'loud' (expected: trace,
            --concurrency 0           | --concurrency: '0' (expected: 1..256)
            --drain-time-s soon       | --drain-time-s: 'soon' (expected: seconds from 0)
            --ignore-unknown-dynamic-fields | '--ignore-unknown-dynamic-fields' (expected:
            """)
    void aFlagThatCannotBeHonouredIsRefusedByName(String flags, String says) {
        List<String> words = new ArrayList<>(List.of("-c", "b.yaml"));
        words.addAll(List.of(flags.split(" ")));
        assertThat(command(words.toArray(String[]::new))).isEqualTo(2);
        assertThat(err.toString()).startsWith("lateen proxy: " + says);
    }

    @Test
    void aConfigurationMayStandOnTheCommandLine() {
        assertThat(command("--config-yaml", "node: {id: x}", "--mode=validate")).isZero();
        assertThat(err.toString()).contains("configuration '--config-yaml' OK");
        assertThat(command("--mode", "validate")).isEqualTo(2);
    }

    @Test
    void whatAFileOfEndpointsSaysIsFollowedAlsoWhenItIsWrittenInPlace() throws Exception {
        try (Applications applications = new Applications()) {
            int one = applications.start("one");
            int two = applications.start("two");
            int port = RunningProxy.freePort();
            String endpoints = """
                    resources:
                      - "@type": type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment
                        cluster_name: app
                        endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}}]}]
                    """;
            Path file = Files.writeString(directory.resolve("eds.yaml"), endpoints.formatted(one));
            try (RunningProxy proxy = RunningProxy.start(directory, """
                    admin: {address: {socket_address: {address: 127.0.0.1, port_value: 0}}}
                    static_resources:
                      clusters:
                        - name: app
                          type: EDS
                          eds_cluster_config: {eds_config: {path_config_source: {path: "%s"}}}
                      listeners:
                        - name: web
                          address: {socket_address: {address: 127.0.0.1, port_value: %d}}
                          filter_chains: [{filters: [{name: t, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: t, cluster: app}}]}]
                    """.formatted(file, port))) {
                await().until(proxy::ready);
                assertThat(RunningProxy.body(port, "/")).isEqualTo("one");
                Files.writeString(file, endpoints.formatted(two).substring(0, 60));
                Files.writeString(file, endpoints.formatted(two));
                await().until(() -> RunningProxy.body(port, "/").equals("two"));
            }
        }
    }

    @Test
    void aRotatedAccessLogLosesNoLine() throws Exception {
        int port = RunningProxy.freePort();
        Path log = directory.resolve("access.log");
        Path rotated = directory.resolve("access.log.1");
        try (RunningProxy proxy = RunningProxy.start(directory, """
                admin: {address: {socket_address: {address: 127.0.0.1, port_value: 0}}}
                static_resources:
                  listeners:
                    - name: web
                      address: {socket_address: {address: 127.0.0.1, port_value: %d}}
                      filter_chains:
                        - filters:
                            - name: h
                              typed_config:
                                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                                stat_prefix: web
                                access_log:
                                  - name: a
                                    typed_config:
                                      "@type": type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog
                                      path: "%s"
                                      log_format: {text_format_source: {inline_string: "%%REQ(:PATH)%%\\n"}}
                                route_config: {virtual_hosts: [{name: v, domains: ["*"], routes: [{match: {prefix: /}, direct_response: {status: 200}}]}]}
                                http_filters:
                                  - name: r
                                    typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}
                """.formatted(port, log))) {
            await().until(proxy::ready);
            RunningProxy.body(port, "/one");
            await().until(() -> Files.exists(log) && Files.readString(log).equals("/one\n"));
            Files.move(log, rotated);
            RunningProxy.body(port, "/two");
            await().until(() -> Files.readString(rotated).equals("/one\n/two\n"));
            assertThat(proxy.change("/reopen_logs")).isEqualTo("OK\n");
            RunningProxy.body(port, "/three");
            await().until(() -> Files.exists(log) && Files.readString(log).equals("/three\n"));
            assertThat(Files.readString(rotated)).isEqualTo("/one\n/two\n");
        }
    }
}
