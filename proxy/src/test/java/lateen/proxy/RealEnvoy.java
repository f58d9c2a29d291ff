package lateen.proxy;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import lateen.testing.RealProgram;
import org.awaitility.Awaitility;

/** An Envoy 1.40 with a static bootstrap, as {@code scripts/envoy} finds or fetches it. */
public final class RealEnvoy implements AutoCloseable {
    private final Process process;
    private final Path log;
    private final int admin;

    /** @param admin port of the administration interface in that bootstrap */
    public RealEnvoy(Path bootstrap, int admin) throws Exception {
        this.admin = admin;
        log = bootstrap.resolveSibling("envoy.log");
        process = new ProcessBuilder(
                        RealProgram.envoy().toString(),
                        "-c",
                        bootstrap.toString(),
                        "--log-level",
                        "warning",
                        "--concurrency",
                        "1",
                        "--disable-hot-restart",
                        "--file-flush-interval-msec",
                        "10")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> {
            if (!process.isAlive()) {
                throw new AssertionError("Envoy ended: " + Files.readString(log));
            }
            try (Socket ignored = new Socket("127.0.0.1", admin)) {
                return get("/ready").startsWith("LIVE");
            } catch (IOException notYet) {
                return false;
            }
        });
    }

    /**
     * Starts one that takes HTTP of both versions and lets requests become tunnels.
     *
     * @param upgrade the protocol that is allowed; {@code CONNECT} or one of Upgrade
     * @param route of its only virtual host, to cluster {@code app}; a flow mapping of YAML
     * @param spoken {@code explicit_http_config} of that cluster, without its braces
     * @return where it listens
     */
    static int tunnelling(Rig rig, Path dir, String upgrade, String route, String spoken, int app) throws Exception {
        int port;
        int admin;
        try (ServerSocket one = new ServerSocket(0);
                ServerSocket other = new ServerSocket(0)) {
            port = one.getLocalPort();
            admin = other.getLocalPort();
        }
        Path file = dir.resolve("envoy.yaml");
        Files.writeString(file, """
                admin: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}
                static_resources:
                  listeners:
                  - address: {socket_address: {address: 127.0.0.1, port_value: %d}}
                    filter_chains:
                    - filters:
                      - name: http
                        typed_config:
                          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                          stat_prefix: http
                          http2_protocol_options: {allow_connect: true}
                          upgrade_configs: [{upgrade_type: %s}]
                          http_filters:
                          - name: router
                            typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}
                          route_config: {virtual_hosts: [{name: all, domains: ["*"], routes: [%s]}]}
                  clusters:
                  - name: app
                    load_assignment:
                      cluster_name: app
                      endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}}]}]
                    typed_extension_protocol_options:
                      envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                        "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                        explicit_http_config: {%s}
                """.formatted(admin, port, upgrade, route, app, spoken));
        rig.with(new RealEnvoy(file, admin));
        return port;
    }

    public String get(String path) throws IOException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin + path))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    public String log() throws IOException {
        return Files.readString(log);
    }

    @Override
    public void close() throws Exception {
        process.destroy();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }
}
