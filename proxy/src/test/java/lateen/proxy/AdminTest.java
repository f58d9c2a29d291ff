package lateen.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Any;
import com.google.protobuf.util.JsonFormat;
import io.envoyproxy.envoy.admin.v3.Certificates;
import io.envoyproxy.envoy.admin.v3.Clusters;
import io.envoyproxy.envoy.admin.v3.Listeners;
import io.envoyproxy.envoy.admin.v3.Memory;
import io.envoyproxy.envoy.admin.v3.ServerInfo;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import lateen.identity.Pem;
import lateen.identity.Svid;
import lateen.proxy.admin.AdminLimits;
import lateen.proxy.admin.Readiness;
import lateen.testing.TestAuthority;
import lateen.xds.ConfigDump;
import lateen.xds.ResourceType;
import lateen.xds.client.ReceivedResource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the administration pages say, over real sockets. JSON pages are read with Envoy's own messages. */
class AdminTest {
    private Rig rig;
    private Backend backend;
    private Proxy proxy;
    private AdminRig admin;

    @BeforeEach
    void start() throws Exception {
        rig = new Rig();
        backend = rig.with(Backend.echoing());
        proxy = rig.proxy(Configs.of(
                List.of(Configs.listener(
                        "inbound",
                        Configs.NO_INSPECTORS,
                        Configs.chain("http", null, Configs.http(Configs.everythingTo("catalog"))))),
                Configs.cluster("catalog", null, backend.port())));
        admin = rig.with(new AdminRig(proxy, AdminLimits.DEFAULT));
    }

    @AfterEach
    void stop() throws Exception {
        rig.close();
    }

    private void oneRequest() throws Exception {
        try (Wire wire = new Wire(Rig.address(proxy, "inbound"))) {
            assertThat(wire.get("/")).startsWith("HTTP/1.1 200");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /               | 200 | text/plain       | /config_dump: dump current configuration
            /help           | 200 | text/plain       | /quitquitquit (POST): drain, then exit
            /config_dump    | 200 | application/json | "configs"
            /config_dump?include_eds=true | 200 | application/json | "configs"
            /clusters       | 200 | text/plain       | catalog::default_priority::max_connections::1024
            /listeners      | 200 | text/plain       | inbound::127.0.0.1:
            /stats          | 200 | text/plain       | server.uptime:
            /stats?format=prometheus | 200 | text/plain | # TYPE envoy_server_uptime gauge
            /stats/prometheus | 200 | text/plain     | # TYPE envoy_server_uptime gauge
            /ready          | 200 | text/plain       | LIVE
            /server_info    | 200 | application/json | "uptime_current_epoch"
            /memory         | 200 | application/json | "heap_size"
            /certs          | 200 | application/json | "certificates"
            /init_dump      | 200 | application/json | outbound|80||late
            /reset_counters | 404 | text/plain       | invalid path. admin commands are:
            /quitquitquit/  | 404 | text/plain       | invalid path. admin commands are:
            /stats?usedonly | 400 | text/plain       | /stats: parameter 'usedonly' is not supported (expected: filter, format)
            /config_dump?resource=dynamic_listeners | 400 | text/plain | (expected: include_eds)
            /clusters?format=xml | 400 | text/plain | format: 'xml' (expected: text or json)
            /ready?%zz      | 400 | text/plain       | query:
            """)
    void everyPathAnswersWithItsTypeAndContent(String path, int status, String type, String content) throws Exception {
        String response = admin.get(path);
        assertThat(response).startsWith("HTTP/1.1 " + status + " ");
        assertThat(Wire.header(response, "content-type")).startsWith(type);
        assertThat(Wire.header(response, "cache-control")).isEqualTo("no-cache, max-age=0");
        assertThat(AdminRig.body(response)).contains(content);
    }

    @Test
    void clustersSayWhatEachHostCarried() throws Exception {
        oneRequest();
        String host = "catalog::127.0.0.1:" + backend.port();
        assertThat(AdminRig.body(admin.get("/clusters")).lines())
                .contains(
                        host + "::cx_total::1",
                        host + "::rq_total::1",
                        host + "::rq_active::0",
                        host + "::health_flags::healthy",
                        host + "::weight::1",
                        host + "::priority::0");

        Clusters.Builder json = Clusters.newBuilder();
        JsonFormat.parser().merge(AdminRig.body(admin.get("/clusters?format=json")), json);
        var status = json.getClusterStatuses(0).getHostStatuses(0);
        assertThat(status.getAddress().getSocketAddress().getPortValue()).isEqualTo(backend.port());
        assertThat(status.getHealthStatus().getEdsHealthStatusValue()).isEqualTo(1);
        assertThat(status.getStatsList()).anyMatch(each -> each.getName().equals("rq_total") && each.getValue() == 1);
    }

    @Test
    void listenersAreShownWhereTheyListen() throws Exception {
        int port = Rig.address(proxy, "inbound").getPort();
        assertThat(AdminRig.body(admin.get("/listeners"))).isEqualTo("inbound::127.0.0.1:" + port + "\n");
        Listeners.Builder json = Listeners.newBuilder();
        JsonFormat.parser().merge(AdminRig.body(admin.get("/listeners?format=json")), json);
        assertThat(json.getListenerStatuses(0)
                        .getLocalAddress()
                        .getSocketAddress()
                        .getPortValue())
                .isEqualTo(port);
    }

    @Test
    void certsShowIdentityAndValidityAndNoKeyAppearsAnywhere() throws Exception {
        TestAuthority authority = new TestAuthority("root");
        Svid svid = authority.svid("catalog");
        proxy.secrets().certificate("default", svid);
        proxy.secrets().trust("ROOTCA", authority.bundle());
        String key = java.util.Base64.getMimeEncoder(64, new byte[] {'\n'})
                .encodeToString(svid.privateKey().getEncoded());
        Secret.Builder secret = Secret.newBuilder().setName("default");
        secret.getTlsCertificateBuilder().getPrivateKeyBuilder().setInlineString("-----BEGIN PRIVATE KEY-----\n" + key);
        secret.getTlsCertificateBuilder().getCertificateChainBuilder().setInlineString(Pem.encode(svid.chain()));
        admin.configDump = () -> ConfigDump.json(Map.of(
                ResourceType.SECRET,
                List.of(new ReceivedResource("default", "1", Any.pack(secret.build()), Instant.EPOCH))));

        Certificates.Builder certs = Certificates.newBuilder();
        JsonFormat.parser().merge(AdminRig.body(admin.get("/certs")), certs);
        var own = certs.getCertificates(0).getCertChain(0);
        assertThat(own.getSubjectAltNames(0).getUri()).isEqualTo("spiffe://cluster.local/ns/shop/sa/catalog");
        assertThat(own.getSerialNumber())
                .isEqualTo(svid.leaf().getSerialNumber().toString(16));
        assertThat(own.getExpirationTime().getSeconds())
                .isEqualTo(svid.notAfter().getEpochSecond());
        assertThat(own.getDaysUntilExpiration()).isZero();
        assertThat(certs.getCertificates(0).getCaCert(0).getPath()).isEqualTo("ROOTCA");

        String dump = admin.get("/config_dump");
        assertThat(dump).contains("\"name\": \"default\"");
        String keyStart = key.substring(0, 40);
        for (String page : List.of("/certs", "/config_dump", "/stats", "/server_info", "/clusters", "/listeners")) {
            assertThat(admin.get(page)).as(page).doesNotContain("PRIVATE KEY").doesNotContain(keyStart);
        }
    }

    @Test
    void statisticsCanBeFilteredByName() throws Exception {
        oneRequest();
        assertThat(AdminRig.body(admin.get("/stats?filter=%5Eserver%5C.live$"))).isEqualTo("server.live: 1\n");
        String prometheus = AdminRig.body(admin.get("/stats/prometheus?filter=cluster_upstream_rq_total"));
        assertThat(prometheus.lines())
                .hasSize(3)
                .contains(
                        "# TYPE envoy_cluster_upstream_rq_total counter",
                        "envoy_cluster_upstream_rq_total{envoy_cluster_name=\"catalog\"} 1");
        assertThat(AdminRig.body(admin.get("/stats?filter=nothing-has-this-name")))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"(", "[z-a]", "((.*)*)*%23$", "(.*)%5C1", "(?=a)", ".*.*.*.*.*.*.*.*.*.*%23"})
    void aFilterThatIsWrongOrTakesForEverIsRefused(String expression) throws Exception {
        assertThat(admin.get("/stats?filter=" + expression))
                .startsWith("HTTP/1.1 400 ")
                .contains("(expected: ");
    }

    @Test
    void serverInfoAndMemoryAreEnvoysMessages() throws Exception {
        ServerInfo.Builder info = ServerInfo.newBuilder();
        JsonFormat.parser().merge(AdminRig.body(admin.get("/server_info")), info);
        assertThat(info.getState()).isEqualTo(ServerInfo.State.LIVE);
        assertThat(info.getNode().getId()).isEqualTo("sidecar~10.0.0.1~a.b~b.svc");
        Memory.Builder memory = Memory.newBuilder();
        JsonFormat.parser().merge(AdminRig.body(admin.get("/memory")), memory);
        assertThat(memory.getTotalPhysicalBytes())
                .isGreaterThan(memory.getAllocated() / 2)
                .isPositive();
    }

    @Test
    void readinessHasItsReasonOnBothPorts() throws Exception {
        admin.readiness = new Readiness.Initializing("no certificate yet");
        assertThat(admin.get("/ready")).startsWith("HTTP/1.1 503 ").endsWith("INITIALIZING\nno certificate yet\n");
        try (Wire wire = admin.health()) {
            assertThat(wire.get("/healthz/ready"))
                    .startsWith("HTTP/1.1 503 ")
                    .endsWith("not ready: no certificate yet\n");
            admin.readiness = new Readiness.Live();
            assertThat(wire.get("/healthz/ready")).startsWith("HTTP/1.1 200 OK");
            assertThat(admin.ask("POST", "/healthcheck/fail")).startsWith("HTTP/1.1 200 OK");
            assertThat(wire.get("/healthz/ready")).startsWith("HTTP/1.1 503 ");
            assertThat(admin.get("/ready")).contains("DRAINING\n");
            assertThat(admin.ask("POST", "/healthcheck/ok")).startsWith("HTTP/1.1 200 OK");
            assertThat(wire.get("/healthz/ready")).startsWith("HTTP/1.1 200 OK");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/quitquitquit, quit",
        "/drain_listeners, drain",
        "/drain_listeners?graceful, drain",
        "/drain_listeners?inboundonly&graceful, drain inbound",
        "/reopen_logs, reopen",
        "/logging?level=debug, level debug"
    })
    void changesNeedPost(String path, String action) throws Exception {
        assertThat(admin.get(path))
                .startsWith("HTTP/1.1 405 Method Not Allowed")
                .endsWith("Method GET not allowed, POST required.");
        assertThat(admin.actions).isEmpty();
        assertThat(admin.ask("POST", path)).startsWith("HTTP/1.1 200 OK").endsWith("OK\n");
        await().untilAsserted(() -> assertThat(admin.actions).containsExactly(action));
    }

    @Test
    void changesThatAreNotUnderstoodChangeNothing() throws Exception {
        assertThat(admin.ask("POST", "/logging?level=loud"))
                .startsWith("HTTP/1.1 400 ")
                .contains("level: 'loud' (expected: trace, debug,");
        assertThat(admin.ask("POST", "/drain_listeners?skip_exit")).startsWith("HTTP/1.1 400 ");
        assertThat(admin.ask("DELETE", "/ready")).startsWith("HTTP/1.1 405 ");
        assertThat(admin.actions).isEmpty();
    }

    @Test
    void metricsHaveAPortOfTheirOwnWithNothingElse() throws Exception {
        try (Wire wire = admin.metrics()) {
            assertThat(wire.get("/stats/prometheus"))
                    .startsWith("HTTP/1.1 200 OK")
                    .contains("envoy_server_live 1");
            assertThat(wire.get("/config_dump")).startsWith("HTTP/1.1 404 ");
            assertThat(wire.send("POST /quitquitquit HTTP/1.1\r\nHost: a\r\n\r\n")
                            .response())
                    .startsWith("HTTP/1.1 404 ");
        }
        assertThat(admin.actions).isEmpty();
    }
}
