package lateen.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.ServerSocket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import lateen.decision.config.ClusterConfig.UpstreamHttp;
import lateen.decision.config.DownstreamTls;
import lateen.decision.config.HttpFilter;
import lateen.decision.config.NetworkFilter.HttpConnectionManager;
import lateen.decision.config.RouteConfig;
import lateen.identity.Svid;
import lateen.testing.TestAuthority;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** CONNECT: ended here towards plain TCP, refused where nobody allowed it, and as HBONE from a real Envoy. */
class ConnectTest {
    private final Rig rig = new Rig();

    @TempDir
    Path dir;

    private LogFile log;

    @BeforeEach
    void open() {
        log = new LogFile(dir.resolve("access.log"));
    }

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    private HttpConnectionManager manager(RouteConfig routes, Set<String> upgrades, HttpFilter... filters) {
        return Configs.upgrading(Configs.logged(Configs.http(routes, filters), log.config()), upgrades);
    }

    private Wire client(HttpConnectionManager http, int app) throws Exception {
        Proxy proxy = rig.proxy(Configs.of(
                List.of(Configs.listener("http", Configs.NO_INSPECTORS, Configs.chain("c", null, http))),
                Configs.cluster("app", null, app)));
        return rig.with(new Wire(Rig.address(proxy, "http")));
    }

    /** Answers each line with itself in capitals; at the client's end says goodbye. */
    private Backend lines() throws Exception {
        return rig.with(new Backend((socket, in, out) -> {
            StringBuilder line = new StringBuilder();
            for (int b = in.read(); b >= 0; b = in.read()) {
                line.append((char) b);
                if (b == '\n') {
                    out.write(line.toString().toUpperCase(java.util.Locale.ROOT).getBytes(StandardCharsets.US_ASCII));
                    line.setLength(0);
                }
            }
            out.write("bye\n".getBytes(StandardCharsets.US_ASCII));
        }));
    }

    @Test
    void theTunnelCarriesBytesBothWaysAndEachSideEndsAlone() throws Exception {
        Wire wire = client(manager(Configs.connectTo("app"), Set.of("connect")), lines().port());
        wire.send("CONNECT db.shop:3306 HTTP/1.1\r\nHost: db.shop:3306\r\n\r\n");
        assertThat(Wire.head(wire.in)).startsWith("HTTP/1.1 200 OK\r\n").doesNotContain("content-length");
        wire.send("hello\n");
        assertThat(new String(wire.in.readNBytes(6), StandardCharsets.US_ASCII)).isEqualTo("HELLO\n");
        wire.send("more\n");
        assertThat(new String(wire.in.readNBytes(5), StandardCharsets.US_ASCII)).isEqualTo("MORE\n");
        wire.close();
        LogFile.Line line = log.lines(1).getFirst();
        assertThat(line.of("method")).isEqualTo("CONNECT");
        assertThat(line.of("response_code")).isEqualTo("200");
        assertThat(line.of("bytes_received")).isEqualTo("11");
        assertThat(line.of("bytes_sent")).isEqualTo("11");
    }

    @Test
    void withoutTheUpgradeItIsRefused() throws Exception {
        Wire wire = client(manager(Configs.connectTo("app"), Set.of()), lines().port());
        assertThat(wire.send("CONNECT db.shop:3306 HTTP/1.1\r\nHost: db.shop:3306\r\n\r\n")
                        .response())
                .startsWith("HTTP/1.1 403");
    }

    @Test
    void anOrdinaryRouteDoesNotTakeIt() throws Exception {
        Wire wire = client(manager(Configs.everythingTo("app"), Set.of("connect")), lines().port());
        assertThat(wire.send("CONNECT db.shop:3306 HTTP/1.1\r\nHost: db.shop:3306\r\n\r\n")
                        .response())
                .startsWith("HTTP/1.1 404");
    }

    @Test
    void aRouteForConnectTakesNothingElse() throws Exception {
        Wire wire = client(manager(Configs.connectTo("app"), Set.of("connect")), lines().port());
        assertThat(wire.get("/")).startsWith("HTTP/1.1 404");
    }

    @Test
    void aHostThatIsNotThereIsSaidBeforeTheTunnelBegins() throws Exception {
        int nobody;
        try (ServerSocket free = new ServerSocket(0)) {
            nobody = free.getLocalPort();
        }
        Wire wire = client(manager(Configs.connectTo("app"), Set.of("connect")), nobody);
        assertThat(wire.send("CONNECT db.shop:3306 HTTP/1.1\r\nHost: db.shop:3306\r\n\r\n")
                        .response())
                .startsWith("HTTP/1.1 503");
    }

    /** HBONE as a mesh uses it: CONNECT over HTTP/2 over mTLS, with the peer's identity checked. */
    @Test
    @Tag("kernel")
    void anEnvoysTunnelOverMutualTlsEndsHere() throws Exception {
        assertThat(throughEnvoy("frontend", "hello\n", 6)).isEqualTo("HELLO\n");
        LogFile.Line line = log.lines(1).getFirst();
        assertThat(line.of("protocol")).isEqualTo("HTTP/2");
        assertThat(line.of("downstream_peer_uri_san")).isEqualTo("spiffe://cluster.local/ns/shop/sa/frontend");
    }

    @Test
    @Tag("kernel")
    void anEnvoyWithAnotherIdentityIsRefused() throws Exception {
        assertThat(throughEnvoy("intruder", "hello\n", 6)).isEmpty();
        assertThat(log.lines(1).getFirst().of("response_code")).isEqualTo("403");
    }

    private String throughEnvoy(String account, String text, int answer) throws Exception {
        TestAuthority authority = new TestAuthority("root");
        DownstreamTls tls = Configs.serverTls();
        HttpConnectionManager http = manager(
                Configs.connectTo("app"),
                Set.of("connect"),
                new HttpFilter.Rbac(Configs.allowOnly("ns[shop]-policy[only]-rule[0]", "frontend")));
        Proxy proxy = rig.proxy(Configs.of(
                List.of(Configs.listener("hbone", Configs.NO_INSPECTORS, Configs.chain("c", tls, http))),
                Configs.speaking(UpstreamHttp.HTTP1, Configs.cluster("app", null, lines().port()))));
        TcpTest.secrets(proxy, authority, "catalog");
        List<Integer> ports = new ArrayList<>();
        try (ServerSocket one = new ServerSocket(0);
                ServerSocket two = new ServerSocket(0)) {
            ports.add(one.getLocalPort());
            ports.add(two.getLocalPort());
        }
        Svid svid = authority.svid(account);
        Files.writeString(
                dir.resolve("key.pem"), pem("PRIVATE KEY", svid.privateKey().getEncoded()));
        StringBuilder chain = new StringBuilder();
        for (X509Certificate each : svid.chain()) {
            chain.append(pem("CERTIFICATE", each.getEncoded()));
        }
        Files.writeString(dir.resolve("chain.pem"), chain);
        Path bootstrap = Files.writeString(
                dir.resolve("envoy.json"),
                BOOTSTRAP
                        .replace('\'', '"')
                        .replace("@ADMIN@", ports.get(0).toString())
                        .replace("@PORT@", ports.get(1).toString())
                        .replace(
                                "@HBONE@",
                                Integer.toString(Rig.address(proxy, "hbone").getPort()))
                        .replace("@DIR@", dir.toString()));
        rig.with(new RealEnvoy(bootstrap, ports.get(0)));
        try (Wire wire = new Wire(new java.net.InetSocketAddress("127.0.0.1", ports.get(1)))) {
            wire.send(text);
            return new String(wire.in.readNBytes(answer), StandardCharsets.US_ASCII);
        } catch (SocketException reset) {
            return "";
        }
    }

    private static String pem(String type, byte[] der) {
        return "-----BEGIN " + type + "-----\n" + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + type
                + "-----\n";
    }

    private static final String BOOTSTRAP = """
            {'admin':{'address':{'socket_address':{'address':'127.0.0.1','port_value':@ADMIN@}}},
             'static_resources':{
              'listeners':[{'name':'in','address':{'socket_address':{'address':'127.0.0.1','port_value':@PORT@}},
               'filter_chains':[{'filters':[{'name':'tcp','typed_config':{
                '@type':'type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy',
                'stat_prefix':'tcp','cluster':'hbone','tunneling_config':{'hostname':'db.shop:3306'}}}]}]}],
              'clusters':[{'name':'hbone','type':'STATIC','load_assignment':{'cluster_name':'hbone','endpoints':[
                {'lb_endpoints':[{'endpoint':{'address':{'socket_address':
                {'address':'127.0.0.1','port_value':@HBONE@}}}}]}]},
               'typed_extension_protocol_options':{'envoy.extensions.upstreams.http.v3.HttpProtocolOptions':{
                '@type':'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
                'explicit_http_config':{'http2_protocol_options':{}}}},
               'transport_socket':{'name':'tls','typed_config':{
                '@type':'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
                'common_tls_context':{'alpn_protocols':['h2'],'tls_certificates':[{
                 'certificate_chain':{'filename':'@DIR@/chain.pem'},'private_key':{'filename':'@DIR@/key.pem'}}]}}}}]}}
            """;
}
