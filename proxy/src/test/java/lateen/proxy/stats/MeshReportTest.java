package lateen.proxy.stats;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import lateen.decision.config.ClusterConfig;
import lateen.decision.config.ClusterConfig.ServiceRef;
import lateen.decision.config.Http1Options;
import lateen.decision.config.Http2Options;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MeshReportTest {

    private static ClusterConfig cluster(String name, ServiceRef... services) {
        return new ClusterConfig(
                name,
                ClusterConfig.Discovery.EDS,
                name,
                null,
                ClusterConfig.LbPolicy.ROUND_ROBIN,
                Duration.ofSeconds(1),
                List.of(),
                null,
                ClusterConfig.CircuitBreakers.DEFAULT,
                null,
                List.of(),
                ClusterConfig.UpstreamHttp.HTTP1,
                Http1Options.DEFAULT,
                Http2Options.DEFAULT,
                Duration.ofSeconds(1),
                List.of(services),
                ClusterConfig.ConnectionLimits.NONE,
                0,
                null,
                null);
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', textBlock = """
            outbound|80||catalog.shop.svc.cluster.local,    catalog.shop.svc.cluster.local, catalog,            shop
            outbound|80|v2|catalog.shop.svc.cluster.local,  catalog.shop.svc.cluster.local, catalog,            shop
            outbound|443||api.example.com,                  api.example.com,                api.example.com,    ""
            inbound|8080||,                                 "",                             "",                 ""
            PassthroughCluster,                             "",                             PassthroughCluster, ""
            xds-grpc,                                       "",                             "",                 ""
            """)
    void theServiceIsReadFromTheClustersName(String cluster, String host, String name, String namespace) {
        assertThat(MeshReport.service(cluster(cluster))).isEqualTo(new ServiceRef(host, name, namespace));
    }

    @Test
    void metadataCountsBeforeTheName() {
        ServiceRef told = new ServiceRef("a.b", "a", "b");
        assertThat(MeshReport.service(cluster("outbound|80||catalog.shop.svc.cluster.local", told)))
                .isEqualTo(told);
    }

    @Test
    void aWorkloadIsReadFromItsEndpointsMetadataAndFromItsLabels() {
        assertThat(MeshPeer.ofEndpoint("catalog-v1;shop;catalog;v1;east"))
                .isEqualTo(new MeshPeer("catalog-v1", "shop", "", "", "", "east", "catalog", "v1"));
        assertThat(MeshPeer.ofEndpoint("")).isEqualTo(MeshPeer.UNKNOWN);
        assertThat(MeshPeer.ofLabels("catalog-v1", "shop", Map.of("app", "catalog", "version", "v1"), "east"))
                .isEqualTo(new MeshPeer("catalog-v1", "shop", "", "catalog", "v1", "east", "catalog", "v1"));
        assertThat(MeshPeer.ofLabels(
                                "x",
                                "shop",
                                Map.of("app", "a", "service.istio.io/canonical-name", "c", "version", "1"),
                                "")
                        .canonicalService())
                .isEqualTo("c");
        assertThat(MeshPeer.ofLabels("x", "shop", Map.of(), "").canonicalService())
                .isEqualTo("x");
    }
}
