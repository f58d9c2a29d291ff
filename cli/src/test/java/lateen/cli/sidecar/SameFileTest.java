package lateen.cli.sidecar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import lateen.identity.Pem;
import lateen.identity.Svid;
import lateen.testing.TestAuthority;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The very same files given to a real Envoy and to us, one after the other: the same requests get the same answers. */
@Tag("kernel")
class SameFileTest {

    /**
     * What the proxies write differently; the page docs/proxy-standalone.md names them. Envoy writes its own address into
     * x-forwarded-for when the client is on loopback.
     */
    private static final List<String> OWN = List.of(
            "x-request-id",
            "x-envoy-expected-rq-timeout-ms",
            "x-envoy-attempt-count",
            "x-envoy-external-address",
            "x-envoy-original-host",
            "x-forwarded-for");

    @TempDir
    Path folder;

    private final List<AutoCloseable> open = new ArrayList<>();
    private final Map<String, String> values = new HashMap<>();
    private final int a = RunningProxy.freePort();
    private final int b = RunningProxy.freePort();
    private final TestAuthority authority = new TestAuthority("roots");
    private final Svid shown = authority.svid("edge");
    private SSLContext client;

    @BeforeEach
    void applications() throws Exception {
        Files.writeString(folder.resolve("chain.pem"), Pem.encode(shown.chain()));
        Files.writeString(folder.resolve("key.pem"), Pem.encode(shown.privateKey()));
        Files.writeString(
                folder.resolve("root.pem"), Pem.encode(authority.bundle().roots()));
        client = context(false);
        values.putAll(Map.of(
                "@DIR@", folder.toString(),
                "@A@", Integer.toString(a),
                "@B@", Integer.toString(b),
                "@NOBODY@", Integer.toString(RunningProxy.freePort()),
                "@ONE@",
                        Integer.toString(echo(
                                "one",
                                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0))),
                "@TWO@",
                        Integer.toString(echo(
                                "two",
                                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0)))));
        HttpsServer tls = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        tls.setHttpsConfigurator(new HttpsConfigurator(context(true)));
        values.put("@TLS@", Integer.toString(echo("tls", tls)));
    }

    private SSLContext context(boolean server) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null);
        store.setCertificateEntry("root", authority.bundle().roots().getFirst());
        store.setKeyEntry("own", shown.privateKey(), new char[0], shown.chain().toArray(Certificate[]::new));
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, new char[0]);
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(server ? keys.getKeyManagers() : null, trust.getTrustManagers(), null);
        return context;
    }

    /** Answers with its name and with all of the request that it saw. */
    private int echo(String name, HttpServer server) {
        server.createContext("/", exchange -> {
            try (exchange) {
                TreeSet<String> headers = new TreeSet<>();
                exchange.getRequestHeaders().forEach((key, all) -> {
                    String lower = key.toLowerCase(java.util.Locale.ROOT);
                    if (!OWN.contains(lower)) {
                        headers.add(lower + ": " + all);
                    }
                });
                String text = name + " " + exchange.getRequestMethod() + " " + exchange.getRequestURI() + "\n"
                        + String.join("\n", headers) + "\n";
                byte[] body = text.getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(
                        exchange.getRequestURI().getPath().endsWith("/teapot") ? 418 : 200, body.length);
                exchange.getResponseBody().write(body);
            }
        });
        server.start();
        open.add(() -> server.stop(0));
        return server.getAddress().getPort();
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    private Path file(String name) throws IOException {
        try (InputStream in = SameFileTest.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException(name + " is not among the tests' files");
            }
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            for (Map.Entry<String, String> value : values.entrySet()) {
                text = text.replace(value.getKey(), value.getValue());
            }
            return Files.writeString(folder.resolve(name), text);
        }
    }

    private interface Requests {
        List<String> answers() throws Exception;
    }

    private void compare(Path file, Requests requests) throws Exception {
        List<String> expected;
        try (RealEnvoyProcess envoy = RealEnvoyProcess.start(folder, file)) {
            expected = requests.answers();
        }
        List<String> answers;
        try (RunningProxy proxy = RunningProxy.start(file)) {
            await().until(proxy::ready);
            answers = requests.answers();
        }
        assertThat(answers).isEqualTo(expected);
        assertThat(expected).noneMatch(each -> each.startsWith("no answer")).hasSizeGreaterThan(1);
    }

    private static List<String> ask(List<RawRequest> requests) throws IOException {
        List<String> answers = new ArrayList<>();
        for (RawRequest request : requests) {
            answers.add(request.line() + " " + request.headers() + " → " + request.answer());
        }
        return answers;
    }

    @Test
    void a_front_proxy_with_tls() throws Exception {
        UnaryOperator<RawRequest> secure = request -> request.over(client, "shop.example.com");
        compare(
                file("front-proxy.yaml"),
                () -> ask(List.of(
                        RawRequest.to(a, "GET /healthz"),
                        RawRequest.to(a, "GET /somewhere?x=1"),
                        secure.apply(RawRequest.to(b, "GET /")),
                        secure.apply(RawRequest.to(b, "GET /api/items?all=1", "x-secret: s")),
                        secure.apply(RawRequest.to(b, "GET /", "x-secret: s", "x-edge: mine")),
                        secure.apply(RawRequest.to(b, "GET /blog/1", "x-beta: yes")),
                        secure.apply(RawRequest.to(b, "GET /blog/1")),
                        secure.apply(RawRequest.to(b, "GET /blogger", "x-beta: yes")),
                        secure.apply(RawRequest.to(b, "GET /item/12")),
                        secure.apply(RawRequest.to(b, "GET /item/x")),
                        secure.apply(RawRequest.to(b, "GET /old/1?q")),
                        secure.apply(RawRequest.to(b, "GET /a/../api//x")),
                        secure.apply(RawRequest.to(b, "GET /x", "host: eu.shop.example.com")),
                        secure.apply(RawRequest.to(b, "GET /x", "host: other.example.com")),
                        secure.apply(RawRequest.to(b, "GET /gone", "host: other.example.com")),
                        secure.apply(RawRequest.to(b, "GET /down", "host: other.example.com")),
                        secure.apply(RawRequest.to(b, "HEAD /")),
                        secure.apply(RawRequest.to(b, "GET /teapot")),
                        secure.apply(RawRequest.to(b, "POST /api/x", "content-length: 0")))));
    }

    @Test
    void a_tcp_proxy() throws Exception {
        compare(
                file("tcp-proxy.yaml"),
                () -> ask(List.of(
                        RawRequest.to(a, "GET /through"),
                        RawRequest.to(b, "GET /tls").over(client, "one.example.com"))));
    }

    @Test
    void a_weighted_canary() throws Exception {
        compare(file("canary.json"), () -> {
            List<String> answers = new ArrayList<>(ask(List.of(
                    RawRequest.to(a, "GET /", "x-canary: 1"),
                    RawRequest.to(a, "GET /p?v=1"),
                    RawRequest.to(a, "GET /p?v=1&w=2"))));
            int two = 0;
            for (int i = 0; i < 400; i++) {
                two += RawRequest.to(a, "GET /weighted").answer().contains("two GET") ? 1 : 0;
            }
            // 20 % of 400; six standard deviations.
            assertThat(two).isBetween(32, 128);
            return answers;
        });
    }

    @Test
    void everything_from_files_and_a_file_moved_into_place() throws Exception {
        Path bootstrap = file("files.yaml");
        Path endpoints = folder.resolve("eds.yaml");
        file("lds.yaml");
        file("cds.yaml");
        compare(bootstrap(bootstrap), () -> {
            List<String> answers =
                    new ArrayList<>(ask(List.of(RawRequest.to(a, "GET /x"), RawRequest.to(a, "GET /other"))));
            Path next = Files.writeString(
                    folder.resolve("next.yaml"),
                    Files.readString(endpoints)
                            .replace(values.get("@ONE@"), values.get("@TWO@"))
                            .replace("\"1\"", "\"2\""));
            Files.move(next, endpoints, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            await().until(() -> RawRequest.to(a, "GET /x").answer().contains("two GET"));
            answers.addAll(ask(List.of(RawRequest.to(a, "GET /x"))));
            file("eds.yaml");
            return answers;
        });
    }

    private Path bootstrap(Path file) throws IOException {
        file("rds.yaml");
        file("eds.yaml");
        return file;
    }

    @ParameterizedTest
    @ValueSource(strings = {"GRPC", "DELTA_GRPC"})
    void everything_from_an_ads_server(String api) throws Exception {
        Svid serving = authority.svid("server");
        ThirdPartyServer server = ThirdPartyServer.start(
                UnaryOperator.identity(),
                NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                        .sslContext(GrpcSslContexts.configure(
                                        SslContextBuilder.forServer(
                                                serving.privateKey(),
                                                serving.chain().toArray(X509Certificate[]::new)),
                                        SslProvider.JDK)
                                .build()));
        open.add(server);
        String source = "{ads: {}, resource_api_version: V3}";
        String listener = Files.readString(file("lds.yaml"))
                .lines()
                .skip(3)
                .map(line -> line.replace(
                        "{path_config_source: {path: \"" + folder + "/rds.yaml\"}, resource_api_version: V3}", source))
                .collect(java.util.stream.Collectors.joining("\n"))
                .indent(-4);
        String routes =
                "{name: web, virtual_hosts: [{name: all, domains: [\"*\"], routes: [{match: {prefix: /}, route: {cluster: app}}]}]}";
        server.serve(
                "1",
                new ThirdPartyServer.Served(
                        List.of("{name: app, type: EDS, connect_timeout: 1s, eds_cluster_config: {eds_config: " + source
                                + "}}"),
                        List.of(
                                "{cluster_name: app, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: "
                                        + values.get("@ONE@") + "}}}}]}]}"),
                        List.of(listener),
                        List.of(routes),
                        List.of()));
        values.put("@XDS@", Integer.toString(server.port()));
        values.put("@API@", api);
        compare(file("ads.yaml"), () -> {
            await().until(() -> RawRequest.to(a, "GET /x").answer().contains("one GET"));
            return ask(List.of(RawRequest.to(a, "GET /x"), RawRequest.to(a, "GET /y?z", "x-a: b")));
        });
        assertThat(server.refusals).isEmpty();
    }
}
