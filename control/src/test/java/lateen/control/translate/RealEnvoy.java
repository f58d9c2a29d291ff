package lateen.control.translate;

import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.ApiConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.GrpcService;
import io.envoyproxy.envoy.config.core.v3.Node;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import lateen.testing.RealProgram;

/** A real Envoy says whether it would take what was translated ({@code --mode validate}; nothing is opened). */
final class RealEnvoy {

    private RealEnvoy() {}

    /** Fails with Envoy's own words. */
    static void takes(ProxyResources... sides) throws Exception {
        Bootstrap.Builder bootstrap = Bootstrap.newBuilder()
                .setNode(Node.newBuilder().setId("sidecar~10.33.0.4~a.shop~x").setCluster("a"));
        bootstrap
                .getDynamicResourcesBuilder()
                .setAdsConfig(ApiConfigSource.newBuilder()
                        .setApiType(ApiConfigSource.ApiType.DELTA_GRPC)
                        .setTransportApiVersion(ApiVersion.V3)
                        .addGrpcServices(GrpcService.newBuilder()
                                .setEnvoyGrpc(GrpcService.EnvoyGrpc.newBuilder().setClusterName("sds-grpc"))));
        var resources = bootstrap.getStaticResourcesBuilder().addClusters(agent());
        for (ProxyResources side : sides) {
            resources.addAllClusters(side.clusters()).addAllListeners(side.listeners());
        }
        Path file = Files.createTempFile("lateen-envoy", ".pb");
        try {
            Files.write(file, bootstrap.build().toByteArray());
            Process envoy = new ProcessBuilder(
                            RealProgram.envoy().toString(),
                            "--mode",
                            "validate",
                            "-c",
                            file.toString(),
                            "--use-dynamic-base-id",
                            "--log-level",
                            "warning")
                    .redirectErrorStream(true)
                    .start();
            String output = new String(envoy.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(envoy.waitFor()).as(output).isZero();
            assertThat(output).doesNotContain("[warning]").doesNotContain("[error]");
        } finally {
            Files.delete(file);
        }
    }

    private static Cluster agent() {
        return Cluster.newBuilder()
                .setName("sds-grpc")
                .setType(Cluster.DiscoveryType.STATIC)
                .putTypedExtensionProtocolOptions(Clusters.HTTP_OPTIONS, Pack.any(Clusters.HTTP2))
                .build();
    }
}
