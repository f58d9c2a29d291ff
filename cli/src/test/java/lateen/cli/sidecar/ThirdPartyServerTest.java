package lateen.cli.sidecar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import lateen.identity.Pem;
import lateen.identity.Svid;
import lateen.testing.TestAuthority;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The proxy under an xDS server that is not ours, in each dialect and way. */
class ThirdPartyServerTest {

    @TempDir
    Path folder;

    private final Applications applications = new Applications();
    private final List<AutoCloseable> open = new ArrayList<>(List.of(applications));
    private final int port = RunningProxy.freePort();
    private final int second = RunningProxy.freePort();

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    private ThirdPartyServer server() throws Exception {
        return server(UnaryOperator.identity(), NettyServerBuilder.forAddress(loopback(0)));
    }

    private ThirdPartyServer server(UnaryOperator<NettyServerBuilder> how, NettyServerBuilder on) throws Exception {
        ThirdPartyServer server = ThirdPartyServer.start(how, on);
        open.add(server);
        return server;
    }

    private static InetSocketAddress loopback(int port) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    /** {@code source} of what the server serves: ads, or the kind of stream. */
    private static String source(String way, String api) {
        return way.equals("ads")
                ? "{ads: {}, resource_api_version: V3}"
                : "{api_config_source: " + api(api) + ", resource_api_version: V3}";
    }

    private static String api(String api) {
        return "{api_type: " + api
                + ", transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: server}, initial_metadata: [{key: x-token, value: t0}]}]}";
    }

    private static String bootstrap(String way, String api, String server) {
        return """
                node: {id: gateway-1, cluster: mine}
                admin: {address: {socket_address: {address: 127.0.0.1, port_value: 0}}}
                dynamic_resources:
                  %s
                  cds_config: %s
                  lds_config: %s
                static_resources:
                  clusters:
                    - name: server
                      connect_timeout: 1s
                      typed_extension_protocol_options:
                        envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                          "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                          explicit_http_config: {http2_protocol_options: {}}
                %s
                """.formatted(
                        way.equals("ads") ? "ads_config: " + api(api) : "",
                        source(way, api),
                        source(way, api),
                        server.indent(6));
    }

    private static String at(int port) {
        return """
                type: STRICT_DNS
                dns_lookup_family: V4_ONLY
                load_assignment: {cluster_name: server, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: localhost, port_value: %d}}}}]}]}
                """.formatted(port);
    }

    private static String cluster(String name, String source) {
        return "{name: " + name + ", type: EDS, connect_timeout: 1s, eds_cluster_config: {eds_config: " + source + "}}";
    }

    private static String endpoints(String cluster, int port) {
        return "{cluster_name: " + cluster
                + ", endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: "
                + port + "}}}}]}]}";
    }

    private static String route(String name, String cluster) {
        return "{name: " + name
                + ", virtual_hosts: [{name: all, domains: [\"*\"], routes: [{match: {prefix: /}, route: {cluster: "
                + cluster + "}}]}]}";
    }

    private static String listener(String name, int port, String source, String more) {
        return """
                name: %s
                address: {socket_address: {address: 127.0.0.1, port_value: %d}}
                filter_chains:
                  - filters:
                      - name: http
                        typed_config:
                          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                          stat_prefix: %s
                          rds: {route_config_name: web, config_source: %s}
                          http_filters: [{name: router, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}]
                %s
                """.formatted(name, port, name, source, more.indent(4));
    }

    @ParameterizedTest
    @CsvSource({"ads, GRPC", "ads, DELTA_GRPC", "per type, GRPC", "per type, DELTA_GRPC"})
    void everythingComesAndEveryChangeIsFollowed(String way, String api) throws Exception {
        int first = applications.start("first");
        int other = applications.start("other");
        String source = source(way, api);
        ThirdPartyServer server = server();
        ThirdPartyServer.Served one = new ThirdPartyServer.Served(
                List.of(cluster("a", source), cluster("b", source)),
                List.of(endpoints("a", first), endpoints("b", other)),
                List.of(listener("web", port, source, "")),
                List.of(route("web", "a")),
                List.of());
        server.serve("1", one);
        RunningProxy proxy = RunningProxy.start(folder, bootstrap(way, api, at(server.port())));
        open.add(proxy);
        await().until(proxy::ready);
        assertThat(RunningProxy.body(port, "/")).isEqualTo("first");
        assertThat(server.tokens).containsOnly("t0");
        boolean delta = api.equals("DELTA_GRPC");
        assertThat(server.methods)
                .contains(
                        way.equals("ads")
                                ? (delta ? "DeltaAggregatedResources" : "StreamAggregatedResources")
                                : (delta ? "DeltaRoutes" : "StreamRoutes"));

        // Another route.
        server.serve(
                "2",
                new ThirdPartyServer.Served(
                        one.clusters(), one.endpoints(), one.listeners(), List.of(route("web", "b")), List.of()));
        await().until(() -> RunningProxy.body(port, "/").equals("other"));

        // Other endpoints, and one more listener.
        server.serve(
                "3",
                new ThirdPartyServer.Served(
                        one.clusters(),
                        List.of(endpoints("a", first), endpoints("b", first)),
                        List.of(listener("web", port, source, ""), listener("more", second, source, "")),
                        List.of(route("web", "b")),
                        List.of()));
        await().until(() -> RunningProxy.body(port, "/").equals("first")
                && RunningProxy.body(second, "/").equals("first"));
        assertThat(server.refusals).isEmpty();

        // One that is no good does not take the others away, and its last good version stays.
        server.serve(
                "4",
                new ThirdPartyServer.Served(
                        one.clusters(),
                        one.endpoints(),
                        List.of(
                                listener("web", port, source, ""),
                                "tcp_backlog_size: 5\nfreebind: true\n" + listener("more", second, source, "")),
                        List.of(route("web", "a")),
                        List.of()));
        await().untilAsserted(() -> assertThat(server.refusals).anyMatch(each -> each.contains("freebind")));
        await().until(() -> RunningProxy.body(port, "/").equals("first")
                && RunningProxy.body(second, "/").equals("first"));

        // What is not there any more is closed.
        server.serve("5", one);
        await().until(() -> RunningProxy.body(second, "/").contains("ConnectException"));
        assertThat(RunningProxy.body(port, "/")).isEqualTo("first");
    }

    @ParameterizedTest
    @CsvSource({"ads, GRPC", "ads, DELTA_GRPC", "per type, GRPC", "per type, DELTA_GRPC"})
    void whileTheServerIsAwayAllStaysAndWhatChangedComesAfterwards(String way, String api) throws Exception {
        int first = applications.start("first");
        int other = applications.start("other");
        String source = source(way, api);
        ThirdPartyServer server = server();
        ThirdPartyServer.Served one = new ThirdPartyServer.Served(
                List.of(cluster("a", source)),
                List.of(endpoints("a", first)),
                List.of(listener("web", port, source, "")),
                List.of(route("web", "a")),
                List.of());
        server.serve("1", one);
        RunningProxy proxy = RunningProxy.start(folder, bootstrap(way, api, at(server.port())));
        open.add(proxy);
        await().until(proxy::ready);
        int on = server.port();
        server.close();
        assertThat(RunningProxy.body(port, "/")).isEqualTo("first");
        server.serve(
                "2",
                new ThirdPartyServer.Served(
                        one.clusters(), List.of(endpoints("a", other)), one.listeners(), one.routes(), List.of()));
        server.open(NettyServerBuilder.forAddress(loopback(on)));
        await().atMost(java.time.Duration.ofSeconds(20))
                .until(() -> RunningProxy.body(port, "/").equals("other"));
    }

    @ParameterizedTest
    @CsvSource({"ads, GRPC", "ads, DELTA_GRPC", "per type, GRPC", "per type, DELTA_GRPC"})
    void aCertificateComesWithItsKeyAndIsReplaced(String way, String api) throws Exception {
        int first = applications.start("first");
        String source = source(way, api);
        TestAuthority authority = new TestAuthority("roots");
        String tls = """
                transport_socket:
                  name: tls
                  typed_config:
                    "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
                    common_tls_context: {tls_certificate_sds_secret_configs: [{name: shown, sds_config: %s}]}
                """.formatted(source);
        ThirdPartyServer server = server();
        ThirdPartyServer.Served one = new ThirdPartyServer.Served(
                List.of(cluster("a", source)),
                List.of(endpoints("a", first)),
                List.of(listener("web", port, source, tls)),
                List.of(route("web", "a")),
                List.of(secret(authority.svid("one"))));
        server.serve("1", one);
        RunningProxy proxy = RunningProxy.start(folder, bootstrap(way, api, at(server.port())));
        open.add(proxy);
        await().until(proxy::ready);
        assertThat(shown(authority)).contains("sa/one");
        server.serve(
                "2",
                new ThirdPartyServer.Served(
                        one.clusters(),
                        one.endpoints(),
                        one.listeners(),
                        one.routes(),
                        List.of(secret(authority.svid("two")))));
        await().untilAsserted(() -> assertThat(shown(authority)).contains("sa/two"));
        assertThat(proxy.admin("/config_dump")).doesNotContain("PRIVATE KEY").contains("\"shown\"");
        assertThat(proxy.admin("/certs")).contains("sa/two").doesNotContain("PRIVATE KEY");
    }

    /** Nobody is turned away by a listener that cannot shake hands yet. */
    @Test
    void aListenerWaitsForItsCertificate() throws Exception {
        int first = applications.start("first");
        String source = source("ads", "DELTA_GRPC");
        TestAuthority authority = new TestAuthority("roots");
        String tls = """
                transport_socket:
                  name: tls
                  typed_config:
                    "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
                    common_tls_context: {tls_certificate_sds_secret_configs: [{name: shown, sds_config: %s}]}
                """.formatted(source);
        ThirdPartyServer server = server();
        ThirdPartyServer.Served one = new ThirdPartyServer.Served(
                List.of(cluster("a", source)),
                List.of(endpoints("a", first)),
                List.of(listener("web", port, source, tls)),
                List.of(route("web", "a")),
                List.of());
        server.serve("1", one);
        RunningProxy proxy = RunningProxy.start(folder, bootstrap("ads", "DELTA_GRPC", at(server.port())));
        open.add(proxy);
        await().until(() -> proxy.admin("/config_dump").contains("\"route_config_name\""));
        assertThat(proxy.admin("/ready")).contains("waiting for the first configuration[web]");
        assertThat(RunningProxy.body(port, "/")).contains("ConnectException");
        server.serve(
                "2",
                new ThirdPartyServer.Served(
                        one.clusters(),
                        one.endpoints(),
                        one.listeners(),
                        one.routes(),
                        List.of(secret(authority.svid("one")))));
        await().until(proxy::ready);
        assertThat(shown(authority)).contains("sa/one");
    }

    private static String secret(Svid svid) {
        return """
                name: shown
                tls_certificate:
                  certificate_chain:
                    inline_string: |
                %s
                  private_key:
                    inline_string: |
                %s
                """.formatted(
                        Pem.encode(svid.chain()).indent(6),
                        Pem.encode(svid.privateKey()).indent(6));
    }

    /** The URI of the certificate that the proxy shows now. */
    private String shown(TestAuthority authority) throws Exception {
        java.security.KeyStore roots = java.security.KeyStore.getInstance(java.security.KeyStore.getDefaultType());
        roots.load(null);
        roots.setCertificateEntry("root", authority.bundle().roots().getFirst());
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(roots);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        try (var socket = (javax.net.ssl.SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port)) {
            socket.startHandshake();
            X509Certificate leaf = (X509Certificate) socket.getSession().getPeerCertificates()[0];
            return leaf.getSubjectAlternativeNames().toString();
        }
    }

    @Test
    void theServerMayWantMutualTls() throws Exception {
        int first = applications.start("first");
        TestAuthority authority = new TestAuthority("roots");
        Svid serving = authority.svid("server");
        Svid own = authority.svid("gateway");
        Path root = Files.writeString(
                folder.resolve("root.pem"), Pem.encode(authority.bundle().roots()));
        Path chain = Files.writeString(folder.resolve("chain.pem"), Pem.encode(own.chain()));
        Path key = Files.writeString(folder.resolve("key.pem"), Pem.encode(own.privateKey()));
        ThirdPartyServer server = server(
                UnaryOperator.identity(),
                NettyServerBuilder.forAddress(loopback(0))
                        .sslContext(GrpcSslContexts.configure(
                                        SslContextBuilder.forServer(
                                                serving.privateKey(),
                                                serving.chain().toArray(X509Certificate[]::new)),
                                        SslProvider.JDK)
                                .trustManager(authority.bundle().roots().getFirst())
                                .clientAuth(ClientAuth.REQUIRE)
                                .build()));
        String source = source("ads", "GRPC");
        server.serve(
                "1",
                new ThirdPartyServer.Served(
                        List.of(cluster("a", source)),
                        List.of(endpoints("a", first)),
                        List.of(listener("web", port, source, "")),
                        List.of(route("web", "a")),
                        List.of()));
        String tls = """
                transport_socket:
                  name: tls
                  typed_config:
                    "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
                    sni: xds.example.com
                    common_tls_context:
                      tls_params: {tls_maximum_protocol_version: TLSv1_3}
                      tls_certificates: [{certificate_chain: {filename: "%s"}, private_key: {filename: "%s"}}]
                      validation_context:
                        trusted_ca: {filename: "%s"}
                        match_typed_subject_alt_names: [{san_type: URI, matcher: {exact: "%s"}}]
                """;
        RunningProxy proxy = RunningProxy.start(
                folder, bootstrap("ads", "GRPC", at(server.port()) + tls.formatted(chain, key, root, serving.id())));
        open.add(proxy);
        await().until(proxy::ready);
        assertThat(RunningProxy.body(port, "/")).isEqualTo("first");
        RunningProxy other = RunningProxy.start(
                folder,
                bootstrap(
                        "ads", "GRPC", at(server.port()) + tls.formatted(chain, key, root, "spiffe://somebody/else")));
        open.add(other);
        await().untilAsserted(() -> assertThat(other.admin("/ready")).contains("spiffe://somebody/else"));
    }

    /** Envoy's clients speak TLS 1.2 at most, unless they are told. */
    @ParameterizedTest
    @CsvSource({"TLSv1_3, true", "TLSv1_2, false"})
    void theVersionsOfTlsAreThoseOfTheCluster(String maximum, boolean reached) throws Exception {
        TestAuthority authority = new TestAuthority("roots");
        Svid serving = authority.svid("server");
        Path root = Files.writeString(
                folder.resolve("root.pem"), Pem.encode(authority.bundle().roots()));
        ThirdPartyServer server = server(
                UnaryOperator.identity(),
                NettyServerBuilder.forAddress(loopback(0))
                        .sslContext(GrpcSslContexts.configure(
                                        SslContextBuilder.forServer(
                                                serving.privateKey(),
                                                serving.chain().toArray(X509Certificate[]::new)),
                                        SslProvider.JDK)
                                .protocols("TLSv1.3")
                                .build()));
        server.serve("1", new ThirdPartyServer.Served(List.of(), List.of(), List.of(), List.of(), List.of()));
        RunningProxy proxy =
                RunningProxy.start(folder, bootstrap("ads", "GRPC", at(server.port()) + """
                transport_socket:
                  name: tls
                  typed_config:
                    "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
                    common_tls_context:
                      tls_params: {tls_maximum_protocol_version: %s}
                      validation_context: {trusted_ca: {filename: "%s"}}
                """.formatted(maximum, root)));
        open.add(proxy);
        if (reached) {
            await().until(proxy::ready);
        } else {
            await().until(() -> proxy.admin("/ready").contains("protocol_version"));
            assertThat(proxy.ready()).isFalse();
        }
    }

    @Test
    void theServerMayBeOnAUnixSocket() throws Exception {
        int first = applications.start("first");
        Path socket = folder.resolve("xds.sock");
        var loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        open.add(() -> loop.shutdownGracefully(0, 1, java.util.concurrent.TimeUnit.SECONDS));
        ThirdPartyServer server = server(
                UnaryOperator.identity(),
                NettyServerBuilder.forAddress(UnixDomainSocketAddress.of(socket))
                        .channelType(NioServerDomainSocketChannel.class)
                        .bossEventLoopGroup(loop)
                        .workerEventLoopGroup(loop));
        String source = source("per type", "GRPC");
        server.serve(
                "1",
                new ThirdPartyServer.Served(
                        List.of(cluster("a", source)),
                        List.of(endpoints("a", first)),
                        List.of(listener("web", port, source, "")),
                        List.of(route("web", "a")),
                        List.of()));
        RunningProxy proxy = RunningProxy.start(folder, bootstrap("per type", "GRPC", """
                type: STATIC
                load_assignment: {cluster_name: server, endpoints: [{lb_endpoints: [{endpoint: {address: {pipe: {path: "%s"}}}}]}]}
                """.formatted(socket)));
        open.add(proxy);
        await().until(proxy::ready);
        assertThat(RunningProxy.body(port, "/")).isEqualTo("first");
    }

    /** Envoy: {@code initial_fetch_timeout}. */
    @Test
    void withoutAnAnswerTheProxyStartsAfterTheTimeGiven() throws Exception {
        int first = applications.start("first");
        int nobody = RunningProxy.freePort();
        String yaml = bootstrap("per type", "GRPC", at(nobody))
                        .replace("resource_api_version: V3}", "resource_api_version: V3, initial_fetch_timeout: 0.5s}")
                + """
                  listeners:
                    - name: own
                      address: {socket_address: {address: 127.0.0.1, port_value: %d}}
                      filter_chains: [{filters: [{name: t, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: t, cluster: app}}]}]
                """.formatted(port);
        yaml = yaml.replace(
                "  clusters:\n", "  clusters:\n    - {name: app, load_assignment: " + endpoints("app", first) + "}\n");
        RunningProxy proxy = RunningProxy.start(folder, yaml);
        open.add(proxy);
        await().until(proxy::ready);
        assertThat(RunningProxy.body(port, "/")).isEqualTo("first");
    }
}
