package lateen.xds.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import lateen.decision.config.ClusterConfig.Discovery;
import lateen.decision.net.IpAddress;
import lateen.decision.net.SocketAddr;
import lateen.xds.decode.SecretConfig;
import lateen.xds.text.Problem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StandaloneBootstrapTest {
    @TempDir
    Path directory;

    private Path file(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text);
    }

    private StandaloneBootstrap read(String yaml) throws IOException {
        return StandaloneBootstrap.usable(file("bootstrap.yaml", yaml));
    }

    private List<String> problems(String yaml) throws IOException {
        return problems(BootstrapFile.of(file("bootstrap.yaml", yaml)));
    }

    private static List<String> problems(BootstrapFile file) throws IOException {
        return switch (StandaloneBootstrap.read(file)) {
            case StandaloneBootstrap.Read.Usable _ -> List.of();
            case StandaloneBootstrap.Read.Broken(List<Problem> problems) ->
                problems.stream()
                        .map(each -> (each.line() > 0 ? each.line() + ": " : "") + each.path() + ": " + each.text())
                        .toList();
        };
    }

    private StandaloneBootstrap withAddress(String address) throws IOException {
        return read("{\"admin\": {\"address\": {\"socket_address\": " + address + "}}}");
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1, 15000", "::1, 0"})
    void theAdministrationInterfaceListensWhereItIsTold(String ip, int port) throws IOException {
        assertThat(withAddress("{\"address\": \"" + ip + "\", \"port_value\": " + port + "}")
                        .admin())
                .isEqualTo(new SocketAddr(IpAddress.parse(ip), port));
    }

    @Test
    void withoutAnAddressThereIsNoAdministrationInterface() throws IOException {
        assertThat(read("{}").admin()).isNull();
        assertThat(read("{\"admin\": {}}").admin()).isNull();
        assertThat(read("").isStatic()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"address": "localhost", "port_value": 1}                  | admin.address.socket_address: | an IP address and a port
            {"address": "127.0.0.1", "port_value": 70000}              | port_value: 70000             | at most 65535
            {"address": "127.0.0.1", "port_value": 1, "protocol": UDP} | protocol: UDP                 | expected: TCP
            {"address": "127.0.0.1", "named_port": "http"}             | named_port: 'http'            | port_value
            """)
    void anotherKindOfAddressIsRefusedWithItsField(String address, String what, String expected) {
        assertThatThrownBy(() -> withAddress(address))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(what)
                .hasMessageContaining(expected);
    }

    /** One row for each outcome of the table; the page about it is held against the same table. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            admin: {socket_options: [{level: 1, name: 2, int_value: 3}]} | admin.socket_options: unsupported field
            overload_manager: {refresh_interval: 1s}                    | overload_manager.resource_monitors: 0 elements (expected: at least 1)
            cluster_manager: {local_cluster_name: x}                    | cluster_manager.local_cluster_name: unsupported field
            header_prefix: x-other                                      | header_prefix: unsupported field
            stats_sinks: [{name: envoy.stat_sinks.statsd}]              | stats_sinks: unsupported field
            layered_runtime: {layers: [{name: r, rtds_layer: {name: x, rtds_config: {ads: {}}}}]} | layered_runtime.layers[0]: RTDS_LAYER (expected: static_layer or admin_layer)
            layered_runtime: {layers: [{name: r, static_layer: {a.b: 1}}]} | layered_runtime.layers[0].static_layer['a.b']: unsupported (supported: settings of Envoy's own code, without effect)
            dynamic_resources: {lds_resources_locator: xdstp://x}       | dynamic_resources.lds_resources_locator: unsupported field
            """)
    void aFieldThatCannotBeHonouredIsRefusedByItsPath(String yaml, String problem) throws IOException {
        assertThat(problems("node: {id: me, cluster: mine}\n" + yaml)).contains("2: " + problem);
    }

    @Test
    void whatChangesNothingIsTakenAndNamed() throws IOException {
        assertThat(read("""
                        admin: {access_log_path: /dev/null, profile_path: /p}
                        stats_flush_interval: 5s
                        watchdogs: {main_thread_watchdog: {miss_timeout: 1s}}
                        layered_runtime: {layers: [{name: a, admin_layer: {}}, {name: s, static_layer: {re2.max_program_size.error_level: 100}}]}
                        """).withoutEffect())
                .containsExactly(
                        "admin.access_log_path",
                        "admin.profile_path",
                        "layered_runtime.layers[0].admin_layer",
                        "layered_runtime.layers[1].static_layer['re2.max_program_size.error_level']",
                        "stats_flush_interval",
                        "watchdogs");
    }

    @Test
    void everyProblemIsToldWithItsLine() throws IOException {
        assertThat(problems("""
                static_resources:
                  clusters:
                    - name: a
                      health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, tcp_health_check: {}}]
                    - name: a
                    - name: b
                      type: LOGICAL_DNS
                  listeners:
                    - name: l
                      address: {socket_address: {address: 127.0.0.1, port_value: 1}}
                overload_manager: {resource_monitors: [{name: x}]}
                """))
                .anySatisfy(each ->
                        assertThat(each).startsWith("4: static_resources.clusters[0].health_checks: unsupported field"))
                .anySatisfy(
                        each -> assertThat(each)
                                .startsWith(
                                        "6: static_resources.clusters[2].load_assignment.endpoints: 0 endpoints in LOGICAL_DNS"))
                .anySatisfy(
                        each -> assertThat(each).startsWith("9: static_resources.listeners[0].filter_chains: missing"))
                .anySatisfy(
                        each -> assertThat(each).startsWith("11: overload_manager.resource_monitors[0]: 'x' of type"))
                .hasSize(4);
    }

    @Test
    void namesThatDnsKnowsAreEndpointsToBeDiscovered() throws IOException {
        StandaloneBootstrap bootstrap = read("""
                static_resources:
                  clusters:
                    - name: app
                      type: STRICT_DNS
                      dns_refresh_rate: 1s
                      load_assignment: {cluster_name: app, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: localhost, port_value: 80}}}}]}]}
                """);
        assertThat(bootstrap.isStatic()).isFalse();
        assertThat(bootstrap.config().clusters().get("app").discovery()).isEqualTo(Discovery.EDS);
    }

    @Test
    void theCommandLineStandsOverTheFile() throws IOException {
        Path file = file("b.yaml", "node: {id: file, cluster: file}\nadmin: {}\n");
        BootstrapFile over = new BootstrapFile(
                file,
                "node: {cluster: yaml}\nadmin: {address: {socket_address: {address: 127.0.0.1, port_value: 5}}}",
                "flag",
                "",
                "",
                name -> null);
        assertThat(StandaloneBootstrap.read(over))
                .isInstanceOfSatisfying(StandaloneBootstrap.Read.Usable.class, read -> {
                    assertThat(read.bootstrap().node()).isEqualTo("flag");
                    assertThat(read.bootstrap().admin()).isNotNull();
                });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            tls_params: {cipher_suites: [ECDHE-RSA-AES128-GCM-SHA256]}              | cipher_suites or ecdh_curves
            validation_context: {verify_certificate_hash: ["%s"]}                   | verify_certificate_hash
            combined_validation_context: {validation_context_sds_secret_config: {name: r}, default_validation_context: {match_typed_subject_alt_names: [{san_type: EMAIL, matcher: {exact: a}}]}} | names of other kinds
            """)
    void whatCannotBeAskedOfAServerIsRefusedBeforeItIsDialled(String tls, String says) throws IOException {
        assertThat(problems("""
                node: {id: me, cluster: mine}
                dynamic_resources:
                  cds_config: {api_config_source: {api_type: GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: server}}]}}
                static_resources:
                  clusters:
                    - name: server
                      load_assignment: {cluster_name: server, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}
                      transport_socket: {name: t, typed_config: {"@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext, common_tls_context: {%s}}}
                  secrets: [{name: r, validation_context: {trusted_ca: {inline_string: "%s"}}}]
                """.formatted(tls.formatted("ab".repeat(32)), ROOT.replace("\n", "\\n"))))
                .anySatisfy(each ->
                        assertThat(each).startsWith("8: static_resources.clusters[0].transport_socket: " + says))
                .hasSize(1);
    }

    @Test
    void anotherKindOfFileIsRefused() throws IOException {
        assertThat(problems(BootstrapFile.of(file("b.pb_text", "node {}"))))
                .containsExactly(": unsupported kind of file (expected: .yaml, .yml or .json)");
    }

    @Test
    void theDumpShowsTheFile() throws IOException {
        StandaloneBootstrap bootstrap = read("{\"node\": {\"id\": \"gateway~1\"}}");
        assertThat(bootstrap.node()).isEqualTo("gateway~1");
        assertThat(bootstrap.configDump(Map.of()))
                .contains("type.googleapis.com/envoy.admin.v3.BootstrapConfigDump")
                .contains("\"id\": \"gateway~1\"");
    }

    @Test
    void secretsComeFromFilesTextAndTheEnvironmentAndNoDumpShowsAKey() throws IOException {
        Path chain = file("chain.pem", CHAIN);
        String yaml = """
                node: {id: me, cluster: mine}
                dynamic_resources:
                  cds_config: {api_config_source: {api_type: GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: server}, initial_metadata: [{key: token, value: secret-token}]}]}, resource_api_version: V3}
                static_resources:
                  clusters:
                    - {name: server, load_assignment: {cluster_name: server, endpoints: [{lb_endpoints: [{endpoint: {address: {pipe: {path: /run/x}}}}]}]}}
                  secrets:
                    - {name: one, tls_certificate: {certificate_chain: {filename: "%s"}, private_key: {environment_variable: KEY}}}
                  listeners:
                    - name: front
                      address: {socket_address: {address: 127.0.0.1, port_value: 1}}
                      filter_chains:
                        - transport_socket:
                            name: tls
                            typed_config:
                              "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
                              common_tls_context:
                                tls_certificates:
                                  - certificate_chain: {filename: "%s"}
                                    private_key:
                                      inline_string: |
                %s
                          filters:
                            - name: tcp
                              typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: t, cluster: x}
                """.formatted(chain, chain, KEY.indent(24).stripTrailing());
        BootstrapFile file =
                new BootstrapFile(file("b.yaml", yaml), null, "", "", "", name -> name.equals("KEY") ? KEY : null);
        assertThat(problems(file)).isEmpty();
        StandaloneBootstrap bootstrap = ((StandaloneBootstrap.Read.Usable) StandaloneBootstrap.read(file)).bootstrap();
        assertThat(bootstrap.secrets().get("one")).isInstanceOf(SecretConfig.Certificate.class);
        assertThat(bootstrap.config().clusters()).containsOnlyKeys("server");
        assertThat(bootstrap.configDump(Map.of()))
                .contains("[redacted]")
                .contains("chain.pem")
                .doesNotContain("PRIVATE KEY")
                .doesNotContain("secret-token");
        assertThat(problems(new BootstrapFile(file.file(), null, "", "", "", name -> null)))
                .containsExactly(
                        "8: static_resources.secrets[0].tls_certificate.private_key.environment_variable: 'KEY' is not in the environment");
    }

    /** Made for this test; it opens nothing. */
    private static final String KEY = """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgy5kN/Eil/T4PFKXL
            CfCpJiV/W/06JUlDGTh5jTgTrUKhRANCAASoo9I5ays+B9h/8DPPBdmp7YLAS4WU
            Ll2QVR39pXtA5yWResGceeZLNAYCeU1F7CaF7MO/enD5WToE8H6a3WBm
            -----END PRIVATE KEY-----
            """;

    /** Of that key. */
    private static final String CHAIN = """
            -----BEGIN CERTIFICATE-----
            MIIBsDCCAVegAwIBAgIUDldsiPHoCalznqLA94wsELwaOokwCgYIKoZIzj0EAwIw
            DzENMAsGA1UECgwEdGVzdDAgFw0yNjExMjQwMzA3NTNaGA8yMTI2MTAzMTAzMDc1
            M1owDzENMAsGA1UECgwEdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABKij
            0jlrKz4H2H/wM88F2antgsBLhZQuXZBVHf2le0DnJZF6wZx55ks0BgJ5TUXsJoXs
            w796cPlZOgTwfprdYGajgY4wgYswHQYDVR0OBBYEFEjLCyykAyzRoosiT6sMXB0m
            RPkmMB8GA1UdIwQYMBaAFEjLCyykAyzRoosiT6sMXB0mRPkmMCsGA1UdEQQkMCKG
            IHNwaWZmZTovL2NsdXN0ZXIubG9jYWwvbnMvYS9zYS9iMAwGA1UdEwEB/wQCMAAw
            DgYDVR0PAQH/BAQDAgeAMAoGCCqGSM49BAMCA0cAMEQCIFA/itJq8gg5zjqV+xG9
            gbtQp9Z82XN2BqdiOXKUpjjyAiBcC0+PqO17S7hQilMJTtE7R1sa/Ox3X2h/xpyx
            GwKh6Q==
            -----END CERTIFICATE-----
            """;

    /** A root made for this test. */
    private static final String ROOT = """
            -----BEGIN CERTIFICATE-----
            MIIBhTCCASugAwIBAgIUdC95k8UW8wfeoZT/akdzb3tS5pEwCgYIKoZIzj0EAwIw
            DzENMAsGA1UECgwEdGVzdDAgFw0yNjExMjYwMTE5NDZaGA8yMTI2MTEwMjAxMTk0
            NlowDzENMAsGA1UECgwEdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABLx8
            oojZbq0tZk3l6IQYpA6Zu8NnPB9oHH9i3JOOWxWQMycYdSc7mkK87qJfi6vzEeGn
            sIxChNbeN5xSs1Uv8qajYzBhMB0GA1UdDgQWBBTbRVyOQAn3LLPeYITE+SKm4ER4
            lDAfBgNVHSMEGDAWgBTbRVyOQAn3LLPeYITE+SKm4ER4lDAPBgNVHRMBAf8EBTAD
            AQH/MA4GA1UdDwEB/wQEAwICBDAKBggqhkjOPQQDAgNIADBFAiBKA85s3Q+VuDUD
            nvEVnMO4oQAGreKM8bNgC3EuQ4PHMgIhAI9XNVPO89YaFasI7zKeoDlsAj8BBE7i
            9ekUtFolqTNw
            -----END CERTIFICATE-----
            """;
}
