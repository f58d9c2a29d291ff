package lateen.proxy.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import lateen.proxy.accesslog.ResponseFlag;
import lateen.proxy.stats.MeshLabels.Reporter;
import org.junit.jupiter.api.Test;

class StatsTest {

    private final Stats stats = new Stats(1000);

    private static MeshLabels labels(Reporter reporter, String principal) {
        return new MeshLabels(
                reporter,
                MeshPeer.of(principal),
                new MeshPeer("catalog-v1", "shop", "", "catalog", "v1", "", "catalog", "v1"),
                "catalog.shop.svc.cluster.local",
                "catalog",
                "shop",
                true);
    }

    private String rendered() {
        StringBuilder out = new StringBuilder();
        stats.renderPrometheus(out);
        return out.toString();
    }

    @Test
    void requestsAreCountedUnderIstiosNamesAndLabels() {
        RequestMetrics requests =
                new MeshMetrics(stats).requests(labels(Reporter.DESTINATION, "spiffe://cluster.local/ns/a/sa/b"));
        requests.record(200, 0, false, RequestMetrics.NO_GRPC_STATUS, 7_000_000, 0, 130);
        requests.record(200, 0, false, RequestMetrics.NO_GRPC_STATUS, 7_000_000, 0, 130);
        requests.record(200, 0, true, 5, 1, 0, 0);
        requests.record(503, ResponseFlag.NO_HEALTHY_UPSTREAM.bit(), false, RequestMetrics.NO_GRPC_STATUS, 1, 0, 0);
        String fixed = "reporter=\"destination\",source_workload=\"unknown\",source_workload_namespace=\"unknown\","
                + "source_principal=\"spiffe://cluster.local/ns/a/sa/b\",source_app=\"unknown\","
                + "source_version=\"unknown\",source_cluster=\"unknown\",source_canonical_service=\"unknown\","
                + "source_canonical_revision=\"latest\",destination_workload=\"catalog-v1\","
                + "destination_workload_namespace=\"shop\",destination_principal=\"unknown\","
                + "destination_app=\"catalog\",destination_version=\"v1\",destination_cluster=\"unknown\","
                + "destination_canonical_service=\"catalog\",destination_canonical_revision=\"v1\","
                + "destination_service=\"catalog.shop.svc.cluster.local\",destination_service_name=\"catalog\","
                + "destination_service_namespace=\"shop\",connection_security_policy=\"mutual_tls\",";
        assertThat(rendered())
                .contains("# TYPE istio_requests_total counter\n")
                .contains(
                        "istio_requests_total{" + fixed
                                + "request_protocol=\"http\",response_flags=\"-\",response_code=\"200\",grpc_response_status=\"\"} 2\n")
                .contains(
                        "request_protocol=\"grpc\",response_flags=\"-\",response_code=\"200\",grpc_response_status=\"5\"} 1\n")
                .contains("response_flags=\"UH\",response_code=\"503\",grpc_response_status=\"\"} 1\n")
                .contains("# TYPE istio_request_duration_milliseconds histogram\n")
                .contains("response_code=\"200\",grpc_response_status=\"\",le=\"5\"} 0\n")
                .contains("response_code=\"200\",grpc_response_status=\"\",le=\"10\"} 2\n");
    }

    @Test
    void tcpMetricsHaveNoResponseCode() {
        TcpMetrics tcp = new MeshMetrics(stats).tcp(labels(Reporter.SOURCE, ""));
        tcp.opened();
        tcp.sent(10);
        tcp.received(4);
        tcp.closed();
        assertThat(rendered())
                .containsPattern("istio_tcp_connections_opened_total\\{[^}]*request_protocol=\"tcp\"[^}]*} 1\n")
                .containsPattern("istio_tcp_sent_bytes_total\\{[^}]*} 10\n")
                .containsPattern("istio_tcp_received_bytes_total\\{[^}]*} 4\n")
                .containsPattern(
                        "istio_tcp_connections_closed_total\\{[^}]*connection_security_policy=\"unknown\"[^}]*} 1\n")
                .doesNotContain("response_code");
    }

    @Test
    void peersCannotMakeMoreSeriesThanTheBudget() {
        MeshMetrics metrics = new MeshMetrics(stats);
        for (int i = 0; i < 500; i++) {
            metrics.requests(labels(Reporter.DESTINATION, "spiffe://x/" + i)).record(200, 0, false, -1, 0, 0, 0);
        }
        String text = rendered();
        assertThat(text.lines().filter(l -> !l.startsWith("#")).count()).isLessThan(1200);
        assertThat(text).contains("source_principal=\"overflow\"").containsPattern("lateen_stats_overflow_total [1-9]");
        long counted = text.lines()
                .filter(l -> l.startsWith("istio_requests_total"))
                .mapToLong(l -> Long.parseLong(l.substring(l.lastIndexOf(' ') + 1)))
                .sum();
        assertThat(counted).isEqualTo(500);
    }

    @Test
    void labelsAndHelpAreEscaped() {
        stats.counter("x", "a\nb\\", List.of("l"), List.of("q\"\\\n")).add(3);
        assertThat(rendered()).isEqualTo("# HELP x a\\nb\\\\\n# TYPE x counter\nx{l=\"q\\\"\\\\\\n\"} 3\n");
    }

    @Test
    void theSameNameWithOtherLabelsIsAMistake() {
        stats.counter("x", "", List.of("a"), List.of("1"));
        assertThatThrownBy(() -> stats.counter("x", "", List.of("b"), List.of("1")))
                .hasMessageContaining("expected: counter[a]");
        assertThatThrownBy(() -> stats.gauge("x", "", List.of("a"), List.of("1")))
                .hasMessageContaining("metric x");
    }

    @Test
    void bucketBoundsAreInclusive() {
        Histogram histogram = stats.histogram("h", "", List.of(), List.of());
        for (long value : new long[] {0, 1, 2, 5, 6, 3_600_000, 3_600_001}) {
            histogram.record(value);
        }
        assertThat(rendered())
                .contains("h_bucket{le=\"0.5\"} 1\n", "h_bucket{le=\"1\"} 2\n", "h_bucket{le=\"5\"} 4\n")
                .contains(
                        "h_bucket{le=\"3600000\"} 6\n", "h_bucket{le=\"+Inf\"} 7\n", "h_sum 7200015\n", "h_count 7\n");
    }

    @Test
    void addedTimeGivesItsQuantilesWithinASixteenth() {
        LatencyRecorder added = new ProxyMetrics(stats, () -> 5, () -> 1).added();
        assertThat(added.p50Micros()).isZero();
        for (int micros = 1; micros <= 10_000; micros++) {
            added.recordNanos(micros * 1000L);
        }
        assertThat(added.p50Micros()).isBetween(5000L, 5000L + 5000 / 16);
        assertThat(added.p99Micros()).isBetween(9900L, 9900L + 9900 / 16);
        assertThat(rendered())
                .contains("lateen_proxy_added_microseconds_bucket{le=\"15\"} 15\n")
                .contains("lateen_proxy_added_microseconds_bucket{le=\"1023\"} 1023\n")
                .contains("lateen_proxy_added_microseconds_bucket{le=\"+Inf\"} 10000\n")
                .contains("envoy_server_live 1\n");
        added.recordNanos(Long.MAX_VALUE);
        added.recordNanos(-5);
        assertThat(added.count()).isEqualTo(10_002);
    }

    @Test
    void plainLinesHaveEnvoysNames() {
        ProxyMetrics proxy = new ProxyMetrics(stats, () -> 5, () -> 1);
        ProxyMetrics.Cluster cluster = proxy.cluster("outbound|80||a");
        cluster.connections().increment();
        cluster.activeRequests().increment();
        assertThat(proxy.cluster("outbound|80||a").connections()).isSameAs(cluster.connections());
        proxy.listener("0.0.0.0_15006").handshakes().increment();
        StringBuilder out = new StringBuilder();
        stats.renderPlain(out);
        assertThat(out.toString())
                .contains("cluster.outbound|80||a.upstream_cx_total: 1\n")
                .contains("cluster.outbound|80||a.upstream_rq_active: 1\n")
                .contains("listener.0.0.0.0_15006.ssl_handshake: 1\n")
                .contains("server.uptime: 5\n");
    }
}
