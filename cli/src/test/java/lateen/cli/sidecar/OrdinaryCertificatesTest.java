package lateen.cli.sidecar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import lateen.identity.KeyMaterial;
import lateen.identity.Pem;
import lateen.testing.TestAuthority;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Certificates with host names instead of SPIFFE ids, on both sides of two proxies in a row. */
class OrdinaryCertificatesTest {

    @TempDir
    Path folder;

    private final Applications applications = new Applications();
    private final TestAuthority authority = new TestAuthority("roots");
    private final int near = RunningProxy.freePort();
    private final int far = RunningProxy.freePort();
    private int application;

    @BeforeEach
    void files() throws Exception {
        application = applications.start("application");
        Files.writeString(
                folder.resolve("root.pem"), Pem.encode(authority.bundle().roots()));
        Files.writeString(
                folder.resolve("strange.pem"),
                Pem.encode(new TestAuthority("strange").bundle().roots()));
        write("server", authority.host("far.example.com"));
        write("client", authority.host("near.example.com"));
        write("wild", authority.host("*.example.com"));
    }

    private void write(String name, KeyMaterial material) throws Exception {
        Files.writeString(folder.resolve(name + ".pem"), Pem.encode(material.chain()));
        Files.writeString(folder.resolve(name + ".key"), Pem.encode(material.privateKey()));
    }

    @AfterEach
    void stop() {
        applications.close();
    }

    private static String endpoints(String cluster, int port) {
        return "{cluster_name: " + cluster
                + ", endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: "
                + port + "}}}}]}]}";
    }

    private static String http(String cluster, String more) {
        return """
                - name: http
                  typed_config:
                    "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                    stat_prefix: h
                    route_config: {virtual_hosts: [{name: all, domains: ["*"], routes: [{match: {prefix: /}, route: {cluster: %s}}]}]}
                    http_filters:
                %s
                      - {name: router, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}
                """.formatted(cluster, more.isEmpty() ? "" : more.indent(6).stripTrailing());
    }

    /** @param expectedOfServer the name that the near proxy wants; @param principal whom the far proxy lets in */
    private String ask(String serverShows, String roots, String expectedOfServer, String principal) throws Exception {
        String farFile = """
                admin: {address: {socket_address: {address: 127.0.0.1, port_value: 0}}}
                static_resources:
                  clusters: [{name: app, load_assignment: %s}]
                  listeners:
                    - name: far
                      address: {socket_address: {address: 127.0.0.1, port_value: %d}}
                      filter_chains:
                        - transport_socket:
                            name: tls
                            typed_config:
                              "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
                              require_client_certificate: true
                              common_tls_context:
                                tls_certificates: [{certificate_chain: {filename: "%s"}, private_key: {filename: "%s"}}]
                                validation_context: {trusted_ca: {filename: "%s"}}
                          filters:
                %s
                """.formatted(
                        endpoints("app", application),
                        far,
                        folder.resolve(serverShows + ".pem"),
                        folder.resolve(serverShows + ".key"),
                        folder.resolve("root.pem"),
                        http("app", """
                                - name: rbac
                                  typed_config:
                                    "@type": type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC
                                    rules: {action: ALLOW, policies: {p: {permissions: [{any: true}], principals: [{authenticated: {principal_name: {exact: "%s"}}}]}}}
                                """.formatted(principal)).indent(12));
        String nearFile = """
                admin: {address: {socket_address: {address: 127.0.0.1, port_value: 0}}}
                static_resources:
                  clusters:
                    - name: far
                      load_assignment: %s
                      transport_socket:
                        name: tls
                        typed_config:
                          "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
                          sni: far.example.com
                          common_tls_context:
                            tls_certificates: [{certificate_chain: {filename: "%s"}, private_key: {filename: "%s"}}]
                            validation_context:
                              trusted_ca: {filename: "%s"}
                              match_typed_subject_alt_names: [{san_type: DNS, matcher: {exact: "%s"}}]
                  listeners:
                    - name: near
                      address: {socket_address: {address: 127.0.0.1, port_value: %d}}
                      filter_chains:
                        - filters:
                %s
                """.formatted(
                        endpoints("far", far),
                        folder.resolve("client.pem"),
                        folder.resolve("client.key"),
                        folder.resolve(roots + ".pem"),
                        expectedOfServer,
                        near,
                        http("far", "").indent(12));
        try (RunningProxy first = RunningProxy.start(folder, farFile);
                RunningProxy second = RunningProxy.start(folder, nearFile)) {
            await().until(() -> first.ready() && second.ready());
            return RunningProxy.body(near, "/");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "server, root, far.example.com, near.example.com, application",
        "wild, root, far.example.com, near.example.com, application",
        "wild, root, a.far.example.com, near.example.com, upstream connect error",
        "server, root, other.example.com, near.example.com, upstream connect error",
        "server, strange, far.example.com, near.example.com, upstream connect error",
        "server, root, far.example.com, other.example.com, RBAC: access denied"
    })
    void aPeerIsWhomItsCertificateNames(String shows, String roots, String expected, String principal, String answer)
            throws Exception {
        assertThat(ask(shows, roots, expected, principal)).startsWith(answer);
    }

    @Test
    void withoutAClientCertificateNobodyComesIn() throws Exception {
        assertThat(ask("server", "root", "far.example.com", "near.example.com")).isEqualTo("application");
        assertThat(RunningProxy.body(far, "/")).doesNotContain("application");
    }
}
