package lateen.control.push;

import static org.awaitility.Awaitility.await;

import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsCertificate;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.secret.v3.SecretDiscoveryServiceGrpc;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import lateen.control.ca.CertificateAuthority;
import lateen.identity.CertificateRequest;
import lateen.identity.Pem;
import lateen.identity.SpiffeId;
import lateen.testing.RealProgram;

/** A real Envoy that takes its configuration over delta ADS, and its secrets over SDS, from a port of this process. */
final class RunningEnvoy implements AutoCloseable {

    private final Process process;
    private final Path log;
    private final String admin;

    RunningEnvoy(Path directory, int xdsPort) throws Exception {
        Path bootstrap = Files.writeString(directory.resolve("envoy.json"), BOOTSTRAP.replace("PORT", "" + xdsPort));
        Path address = directory.resolve("admin-address");
        this.log = directory.resolve("envoy.log");
        this.process = new ProcessBuilder(
                        RealProgram.envoy().toString(),
                        "-c",
                        bootstrap.toString(),
                        "-l",
                        "warning",
                        "--log-path",
                        log.toString(),
                        "--admin-address-path",
                        address.toString(),
                        "--use-dynamic-base-id",
                        "--concurrency",
                        "1")
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("envoy.out").toFile())
                .start();
        await().atMost(Duration.ofSeconds(30)).until(() -> Files.exists(address) && Files.size(address) > 0);
        this.admin = Files.readString(address).strip();
    }

    String log() throws IOException {
        return Files.exists(log) ? Files.readString(log) : "";
    }

    /** An admin page. */
    String page(String path) throws IOException, InterruptedException {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(
                            HttpRequest.newBuilder(URI.create("http://" + admin + path))
                                    .build(),
                            BodyHandlers.ofString())
                    .body();
        }
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }

    /** What the agent beside a proxy does: the workload's own certificate, and the roots. */
    static final class Secrets extends SecretDiscoveryServiceGrpc.SecretDiscoveryServiceImplBase {
        private final Secret own;
        private final Secret roots;

        Secrets(CertificateAuthority authority, SpiffeId id) {
            KeyPair keys = CertificateRequest.generateKeys();
            String chain = Pem.encode(authority.issueWorkload(id, keys.getPublic(), Duration.ofHours(1)));
            this.own = Secret.newBuilder()
                    .setName("default")
                    .setTlsCertificate(TlsCertificate.newBuilder()
                            .setCertificateChain(DataSource.newBuilder().setInlineString(chain))
                            .setPrivateKey(DataSource.newBuilder().setInlineString(Pem.encode(keys.getPrivate()))))
                    .build();
            this.roots = Secret.newBuilder()
                    .setName("ROOTCA")
                    .setValidationContext(CertificateValidationContext.newBuilder()
                            .setTrustedCa(DataSource.newBuilder()
                                    .setInlineString(authority.bundle().pem())))
                    .build();
        }

        @Override
        public StreamObserver<DiscoveryRequest> streamSecrets(StreamObserver<DiscoveryResponse> answers) {
            return new StreamObserver<>() {
                @Override
                public void onNext(DiscoveryRequest request) {
                    if (request.getResponseNonce().isEmpty()) {
                        boolean mine = request.getResourceNamesList().contains("default");
                        answers.onNext(DiscoveryResponse.newBuilder()
                                .setTypeUrl(request.getTypeUrl())
                                .setVersionInfo("1")
                                .setNonce("1")
                                .addResources(com.google.protobuf.Any.pack(mine ? own : roots))
                                .build());
                    }
                }

                @Override
                public void onError(Throwable error) {}

                @Override
                public void onCompleted() {
                    answers.onCompleted();
                }
            };
        }
    }

    private static final String CLUSTER = """
            {"name": "NAME", "type": "STATIC", "connect_timeout": "5s",
             "typed_extension_protocol_options": {"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
              "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
              "explicit_http_config": {"http2_protocol_options": {}}}},
             "load_assignment": {"cluster_name": "NAME", "endpoints": [{"lb_endpoints": [{"endpoint": {"address":
              {"socket_address": {"address": "127.0.0.1", "port_value": PORT}}}}]}]}}
            """;

    private static final String BOOTSTRAP =
            """
            {"node": {"id": "sidecar~10.33.0.4~catalog-1.shop~shop.svc.cluster.local", "cluster": "catalog.shop",
              "metadata": {"NAMESPACE": "shop", "SERVICE_ACCOUNT": "catalog", "INSTANCE_IPS": "10.33.0.4"}},
             "admin": {"address": {"socket_address": {"address": "127.0.0.1", "port_value": 0}}},
             "overload_manager": {"resource_monitors": [{"name": "envoy.resource_monitors.global_downstream_max_connections",
              "typed_config": {"max_active_downstream_connections": 1000, "@type":
               "type.googleapis.com/envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig"}}]},
             "dynamic_resources": {
              "ads_config": {"api_type": "DELTA_GRPC", "transport_api_version": "V3",
               "grpc_services": [{"envoy_grpc": {"cluster_name": "xds-grpc"}}]},
              "cds_config": {"ads": {}, "resource_api_version": "V3"},
              "lds_config": {"ads": {}, "resource_api_version": "V3"}},
             "static_resources": {"clusters": [XDS, SDS]}}
            """.replace("XDS", CLUSTER.replace("NAME", "xds-grpc")).replace("SDS", CLUSTER.replace("NAME", "sds-grpc"));
}
