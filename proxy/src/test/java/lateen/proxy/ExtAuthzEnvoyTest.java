package lateen.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import com.google.protobuf.UnknownFieldSet;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.core.v3.QueryParameter;
import io.envoyproxy.envoy.service.auth.v3.AttributeContext;
import io.envoyproxy.envoy.service.auth.v3.CheckRequest;
import io.envoyproxy.envoy.service.auth.v3.CheckResponse;
import io.envoyproxy.envoy.service.auth.v3.DeniedHttpResponse;
import io.envoyproxy.envoy.service.auth.v3.OkHttpResponse;
import io.envoyproxy.envoy.type.v3.HttpStatus;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import lateen.identity.Pem;
import lateen.identity.Svid;
import lateen.testing.TestAuthority;
import lateen.xds.bootstrap.StandaloneBootstrap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A real Envoy and this proxy with the same bootstrap, in the form that Istio sends, before the same authorization
 * server: they ask the same, and do the same with the answers.
 */
@Tag("envoy")
@Timeout(120)
class ExtAuthzEnvoyTest {

    private static final String FILTERS = """
            [{"name": "envoy.filters.http.rbac", "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC",
                "shadow_rules_stat_prefix": "istio_ext_authz_",
                "shadow_rules": {"action": "DENY", "policies": {
                  "istio-ext-authz-ns[shop]-policy[opa]-rule[0]": {
                    "permissions": [{"and_rules": {"rules": [{"or_rules": {"rules": [
                       {"url_path": {"path": {"prefix": "/checked"}}}]}}]}}],
                    "principals": [{"and_ids": {"ids": [{"any": true}]}}]}}}}},
             {"name": "envoy.filters.http.ext_authz", "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz",
                "grpc_service": {"envoy_grpc": {"cluster_name": "opa", "authority": "opa.shop"}, "timeout": "@TIMEOUT@"},
                "transport_api_version": "V3", "status_on_error": {"code": "ServiceUnavailable"},
                "include_peer_certificate": true,
                "filter_enabled_metadata": {"filter": "envoy.filters.http.rbac",
                  "path": [{"key": "istio_ext_authz_shadow_effective_policy_id"}],
                  "value": {"string_match": {"prefix": "istio-ext-authz"}}} @MORE@}},
             {"name": "envoy.filters.http.router", "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"}}]""";

    private static final String LISTENER = """
            {"name": "@NAME@", "address": {"socket_address": {"address": "127.0.0.1", "port_value": @PORT@}},
             "filter_chains": [{"name": "c" @TLS@, "filters": [@NETWORK@{"name": "hcm", "typed_config": {
               "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
               "stat_prefix": "http", "http_filters": @FILTERS@, "stream_idle_timeout": "0s",
               "access_log": [{"name": "file", "typed_config": {
                 "@type": "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog", "path": "@LOG@",
                 "log_format": {"text_format_source": {"inline_string":
                   "%RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS%\\n"}}}}],
               "route_config": {"name": "r", "virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [
                 {"match": {"prefix": "/"}, "route": {"cluster": "app", "timeout": "5s"},
                  "response_headers_to_add": [{"header": {"key": "x-route", "value": "yes"}}]}]}]}}}]}]}""";

    private static final String TLS = """
            , "transport_socket": {"name": "tls", "typed_config": {
               "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
               "require_client_certificate": true, "common_tls_context": {
                 "tls_certificate_sds_secret_configs": [{"name": "default"}],
                 "validation_context_sds_secret_config": {"name": "ROOTCA"}}}}""";

    private static final String NETWORK = """
            {"name": "envoy.filters.network.ext_authz", "typed_config": {
               "@type": "type.googleapis.com/envoy.extensions.filters.network.ext_authz.v3.ExtAuthz",
               "stat_prefix": "tcp.", "grpc_service": {"envoy_grpc": {"cluster_name": "opa"}, "timeout": "2s"},
               "transport_api_version": "V3"}},""";

    private static final String BOOTSTRAP = """
            {"node": {"id": "test", "cluster": "test"},
             "admin": {"address": {"socket_address": {"address": "127.0.0.1", "port_value": @ADMIN@}}},
             "static_resources": {
               "secrets": [
                 {"name": "default", "tls_certificate": {"certificate_chain": {"filename": "@DIR@/chain.pem"},
                   "private_key": {"filename": "@DIR@/key.pem"}}},
                 {"name": "ROOTCA", "validation_context": {"trusted_ca": {"filename": "@DIR@/root.pem"}}}],
               "listeners": [@LISTENERS@],
               "clusters": [
                 {"name": "app", "type": "STATIC", "connect_timeout": "2s", "load_assignment": {"cluster_name": "app",
                   "endpoints": [{"lb_endpoints": [{"endpoint": {"address": {"socket_address":
                     {"address": "127.0.0.1", "port_value": @APP@}}}}]}]}},
                 {"name": "opa", "type": "STATIC", "connect_timeout": "2s", "typed_extension_protocol_options": {
                   "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                     "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
                     "explicit_http_config": {"http2_protocol_options": {}}}},
                   "load_assignment": {"cluster_name": "opa", "endpoints": [{"lb_endpoints": [{"endpoint": {"address":
                     {"socket_address": {"address": "127.0.0.1", "port_value": @OPA@}}}}]}]}}]}}""";

    private static final List<String> LISTENERS = List.of("plain", "slow", "tls", "some", "connection");

    private final Rig rig = new Rig();
    private final TestAuthority authority = new TestAuthority("root");
    /** Ports by listener: first ours, then Envoy's. */
    private final List<Map<String, Integer>> ports = new ArrayList<>();

    /** So that no port is given out twice. */
    private final Set<Integer> taken = new HashSet<>();

    private AuthzServer server;
    private RealEnvoy envoy;
    private Proxy own;

    @TempDir
    Path dir;

    @BeforeEach
    void start() throws Exception {
        server = rig.with(AuthzServer.allowing());
        Backend app = rig.with(Backend.echoing());
        Svid svid = authority.svid("catalog");
        Files.writeString(dir.resolve("chain.pem"), Pem.encode(svid.chain()));
        Files.writeString(dir.resolve("key.pem"), Pem.encode(svid.privateKey()));
        Files.writeString(
                dir.resolve("root.pem"), Pem.encode(authority.bundle().roots().getFirst()));
        StandaloneBootstrap bootstrap = StandaloneBootstrap.usable(bootstrap("own", app.port(), 0));
        own = rig.proxy(ProxySettings.defaults().withWorkers(1), bootstrap.config());
        TcpTest.secrets(own, authority, "catalog");
        own.secrets().certificate("default", svid);
        int admin = ExtAuthzTest.freePort();
        taken.add(admin);
        Path file = bootstrap("envoy", app.port(), admin);
        envoy = rig.with(new RealEnvoy(file, admin));
    }

    @AfterEach
    void close() throws Exception {
        String said = envoy == null ? "" : envoy.log();
        rig.close();
        assertThat(said.lines().filter(line -> !line.contains("global_downstream_max_connections")))
                .isEmpty();
    }

    private Path bootstrap(String who, int app, int admin) throws Exception {
        Map<String, Integer> chosen = new TreeMap<>();
        List<String> listeners = new ArrayList<>();
        for (String name : LISTENERS) {
            int port = ExtAuthzTest.freePort();
            while (!taken.add(port)) {
                port = ExtAuthzTest.freePort();
            }
            chosen.put(name, port);
            listeners.add(LISTENER.replace("@NAME@", name)
                    .replace("@PORT@", String.valueOf(port))
                    .replace("@TLS@", name.equals("tls") ? TLS : "")
                    .replace("@NETWORK@", name.equals("connection") ? NETWORK : "")
                    .replace("@LOG@", dir.resolve(who + ".access").toString())
                    .replace("@FILTERS@", FILTERS)
                    .replace("@TIMEOUT@", name.equals("slow") ? "0.4s" : "20s")
                    .replace(
                            "@MORE@",
                            name.equals("some")
                                    ? ", \"allowed_headers\": {\"patterns\": [{\"prefix\": \"x-u\"}]}"
                                            + ", \"clear_route_cache\": true"
                                    : ""));
        }
        ports.add(chosen);
        Path file = dir.resolve(who + ".json");
        Files.writeString(
                file,
                BOOTSTRAP
                        .replace("@DIR@", dir.toString())
                        .replace("@ADMIN@", String.valueOf(admin))
                        .replace("@LISTENERS@", String.join(",", listeners))
                        .replace("@APP@", String.valueOf(app))
                        .replace("@OPA@", String.valueOf(server.port())));
        return file;
    }

    private InetSocketAddress at(int who, String listener) {
        return new InetSocketAddress("127.0.0.1", ports.get(who).get(listener));
    }

    /** What differs of necessity made the same; checked for its form first. */
    private CheckRequest normal(CheckRequest asked, int port, boolean http) {
        CheckRequest.Builder out = asked.toBuilder();
        AttributeContext.Builder attributes = out.getAttributesBuilder();
        assertThat(attributes.getDestination().getAddress().getSocketAddress().getPortValue())
                .isEqualTo(port);
        attributes
                .getDestinationBuilder()
                .getAddressBuilder()
                .getSocketAddressBuilder()
                .setPortValue(1);
        assertThat(attributes.getSource().getAddress().getSocketAddress().getPortValue())
                .isGreaterThan(1024);
        attributes
                .getSourceBuilder()
                .getAddressBuilder()
                .getSocketAddressBuilder()
                .setPortValue(2);
        if (http) {
            Timestamp time = attributes.getRequest().getTime();
            assertThat(Instant.ofEpochSecond(time.getSeconds(), time.getNanos()))
                    .isBetween(Instant.now().minusSeconds(20), Instant.now().plusSeconds(1));
            assertThat(time.getNanos() % 1000).isZero();
            attributes.getRequestBuilder().clearTime();
            AttributeContext.HttpRequest.Builder request =
                    attributes.getRequestBuilder().getHttpBuilder();
            assertThat(Long.parseUnsignedLong(request.getId())).isNotZero();
            request.setId("");
            if (request.containsHeaders("x-request-id")
                    && request.getHeadersOrThrow("x-request-id").length() == 36) {
                request.putHeaders("x-request-id", "made");
            }
        }
        return out.build();
    }

    private CheckRequest ask(int who, String listener, InetSocketAddress via, String request) throws Exception {
        Wire wire = rig.with(new Wire(via));
        assertThat(wire.send(request).response()).startsWith("HTTP/1.1 200");
        return normal(server.next(), ports.get(who).get(listener), true);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /checked HTTP/1.1\r\nHost: catalog\r\n\r\n",
                "GET /checked/a%20b?c=d&e HTTP/1.1\r\nHost: Catalog.shop:80\r\nUser-Agent: a\r\nCookie: x\r\nCookie: y\r\nX-A: 1\r\nx-a: 2\r\n\r\n",
                "POST /checked HTTP/1.1\r\nHost: c\r\nContent-Length: 5\r\nContent-Type: text/plain\r\nConnection: keep-alive\r\n\r\nhello",
                "POST /checked HTTP/1.1\r\nHost: c\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
                "DELETE /checked HTTP/1.1\r\nHost: c\r\nX-Request-Id: mine\r\nX-Forwarded-For: 10.1.1.1\r\nX-Bytes: \u00e9\u00c3\u00a9\r\nx-envoy-auth-partial-body: true\r\n\r\n"
            })
    void bothAskTheSame(String request) throws Exception {
        for (String listener : List.of("plain", "some")) {
            CheckRequest ours = ask(0, listener, at(0, listener), request);
            CheckRequest theirs = ask(1, listener, at(1, listener), request);
            assertThat(ours).isEqualTo(theirs);
        }
    }

    @Test
    void bothNameTheEndsOfMutualTls() throws Exception {
        List<CheckRequest> asked = new ArrayList<>();
        Svid client = authority.svid("frontend");
        for (int who = 0; who < 2; who++) {
            Proxy out = rig.proxy(Configs.of(
                    List.of(Configs.listener(
                            "out", Configs.NO_INSPECTORS, Configs.chain("c", null, Configs.tcp("peer")))),
                    Configs.cluster("peer", Configs.clientTls(), ports.get(who).get("tls"))));
            TcpTest.secrets(out, authority, "frontend");
            out.secrets().certificate("default", client);
            asked.add(ask(who, "tls", Rig.address(out, "out"), "GET /checked HTTP/1.1\r\nHost: catalog\r\n\r\n"));
        }
        assertThat(asked.getFirst().getAttributes().getSource().getPrincipal())
                .isEqualTo("spiffe://cluster.local/ns/shop/sa/frontend");
        assertThat(asked.getFirst()).isEqualTo(asked.getLast());
    }

    @Test
    void bothAskTheSameAboutAConnection() throws Exception {
        List<CheckRequest> asked = new ArrayList<>();
        for (int who = 0; who < 2; who++) {
            Wire wire = rig.with(new Wire(at(who, "connection")));
            assertThat(wire.get("/free")).startsWith("HTTP/1.1 200");
            asked.add(normal(server.next(), ports.get(who).get("connection"), false));
        }
        assertThat(asked.getFirst()).isEqualTo(asked.getLast());
    }

    private static HeaderValueOption option(String name, String value, int action) {
        HeaderValueOption.Builder option = HeaderValueOption.newBuilder()
                .setHeader(HeaderValue.newBuilder().setKey(name).setValue(value));
        return switch (action) {
            case -1 -> option.setAppend(com.google.protobuf.BoolValue.of(false)).build();
            case -2 -> option.setAppend(com.google.protobuf.BoolValue.of(true)).build();
            default -> option.setAppendActionValue(action).build();
        };
    }

    /** Status, headers but those that are each proxy's own, and body (which is what the application saw). */
    private static String seen(String answer) {
        int end = answer.indexOf("\r\n\r\n");
        return lines(answer.substring(0, end)) + "---\n" + lines(answer.substring(end + 4));
    }

    /** Header lines with the same name are one (RFC 9110 section 5.3). */
    private static String lines(String head) {
        String[] all = head.split("\r\n");
        TreeMap<String, String> headers = new TreeMap<>();
        for (int i = 1; i < all.length; i++) {
            int colon = all[i].indexOf(':');
            String name = all[i].substring(0, Math.max(0, colon)).toLowerCase(Locale.ROOT);
            if (!name.matches("date|server|x-request-id|x-envoy-upstream-service-time"
                    + "|x-envoy-expected-rq-timeout-ms|content-length|x-forwarded-proto")) {
                headers.merge(name, all[i].substring(colon + 1).strip(), (one, other) -> one + "," + other);
            }
        }
        return all[0] + "\n" + headers;
    }

    private void same(CheckResponse answer, String request) throws Exception {
        server.decision = AuthzServer.answering(answer);
        List<String> seen = new ArrayList<>();
        for (int who = 0; who < 2; who++) {
            seen.add(seen(rig.with(new Wire(at(who, "plain"))).send(request).response()));
            server.next();
        }
        assertThat(seen.getFirst())
                .as("ours, expected as Envoy's, for %s", answer)
                .isEqualTo(seen.getLast());
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, -2, 0, 1, 2, 3})
    void bothChangeTheRequestAlike(int action) throws Exception {
        same(
                CheckResponse.newBuilder()
                        .setOkResponse(OkHttpResponse.newBuilder()
                                .addHeaders(option("x-old", "2", action))
                                .addHeaders(option("x-new", "3", action))
                                .addHeaders(option(action == -2 ? "x-other" : "x-twice", "4", action))
                                .addHeadersToRemove("x-secret")
                                .addResponseHeadersToAdd(option("x-route", "5", action))
                                .addResponseHeadersToAdd(option("x-fresh", "6", action)))
                        .build(),
                "GET /checked HTTP/1.1\r\nHost: c\r\nX-Old: 1\r\nx-secret: s\r\nx-twice: a\r\nx-twice: b\r\n\r\n");
    }

    @Test
    void bothChangeTheQueryAlike() throws Exception {
        CheckResponse answer = CheckResponse.newBuilder()
                .setOkResponse(OkHttpResponse.newBuilder()
                        .addQueryParametersToSet(
                                QueryParameter.newBuilder().setKey("a").setValue("new"))
                        .addQueryParametersToSet(
                                QueryParameter.newBuilder().setKey("z").setValue("y"))
                        .addQueryParametersToRemove("b"))
                .build();
        same(answer, "GET /checked?a=1&b=2&c=3 HTTP/1.1\r\nHost: c\r\n\r\n");
        same(answer, "GET /checked HTTP/1.1\r\nHost: c\r\n\r\n");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 401, 302, 204, 200})
    void bothRefuseAlike(int status) throws Exception {
        // Envoy would send a body after 204, where none can be.
        DeniedHttpResponse.Builder denied = DeniedHttpResponse.newBuilder().setBody(status == 204 ? "" : "no");
        if (status != 0) {
            denied.setStatus(HttpStatus.newBuilder().setCodeValue(status));
        }
        for (int action : new int[] {-1, 0, 2}) {
            denied.addHeaders(option("x-reason" + (action + 1), "because", action));
        }
        same(
                CheckResponse.newBuilder()
                        .setStatus(com.google.rpc.Status.newBuilder().setCode(7))
                        .setDeniedResponse(denied)
                        .build(),
                "GET /checked HTTP/1.1\r\nHost: c\r\n\r\n");
    }

    @Test
    void bothTakeAnErrorResponseForNoDecision() throws Exception {
        DeniedHttpResponse content = DeniedHttpResponse.newBuilder()
                .setStatus(HttpStatus.newBuilder().setCodeValue(502))
                .addHeaders(option("x-reason", "broken", 0))
                .setBody("later")
                .build();
        // Newer than the published classes.
        UnknownFieldSet error = UnknownFieldSet.newBuilder()
                .addField(
                        5,
                        UnknownFieldSet.Field.newBuilder()
                                .addLengthDelimited(content.toByteString())
                                .build())
                .build();
        same(
                CheckResponse.newBuilder()
                        .setStatus(com.google.rpc.Status.newBuilder().setCode(14))
                        .setUnknownFields(error)
                        .build(),
                "GET /checked HTTP/1.1\r\nHost: c\r\n\r\n");
        assertThat(ExtAuthzTest.counter(own, "error")).isEqualTo(1);
    }

    @Test
    void bothHaveTheSameWordsForDeniedFailedAndSlow() throws Exception {
        server.decision = AuthzServer.answering(ExtAuthzTest.denied(401, ""));
        for (int who = 0; who < 2; who++) {
            assertThat(rig.with(new Wire(at(who, "plain"))).get("/checked")).startsWith("HTTP/1.1 401");
        }
        server.decision = (request, answer) -> answer.onError(io.grpc.Status.INTERNAL.asException());
        for (int who = 0; who < 2; who++) {
            assertThat(rig.with(new Wire(at(who, "plain"))).get("/checked")).startsWith("HTTP/1.1 503");
        }
        server.decision = (request, answer) -> {};
        for (int who = 0; who < 2; who++) {
            assertThat(rig.with(new Wire(at(who, "slow"))).get("/checked")).startsWith("HTTP/1.1 503");
        }
        // The one difference: ours tells slow from failed.
        assertThat(logged("own", 3))
                .containsExactly(
                        "401 UAEX ext_authz_denied", "503 UAEX ext_authz_error", "503 UAEX ext_authz_error{timeout}");
        assertThat(logged("envoy", 3))
                .containsExactly("401 UAEX ext_authz_denied", "503 UAEX ext_authz_error", "503 UAEX ext_authz_error");
        assertThat(envoy.get("/stats?filter=ext_authz"))
                .contains("http.http.ext_authz.denied: 1", "http.http.ext_authz.error: 2");
        assertThat(ExtAuthzTest.counter(own, "denied")).isEqualTo(1);
        assertThat(ExtAuthzTest.counter(own, "error")).isEqualTo(2);
        assertThat(ExtAuthzTest.counter(own, "timeout")).isEqualTo(1);
    }

    private List<String> logged(String who, int lines) {
        Path file = dir.resolve(who + ".access");
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> Files.exists(file) && Files.readAllLines(file).size() >= lines);
        try {
            return Files.readAllLines(file);
        } catch (java.io.IOException e) {
            throw new AssertionError(e);
        }
    }
}
