package lateen.services.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import lateen.services.dashboard.MeshGraph.Edge;
import lateen.services.dashboard.MeshGraph.Kind;
import lateen.services.dashboard.MeshGraph.Node;
import lateen.services.dashboard.MeshGraph.Security;
import lateen.services.dashboard.MetricsSource.Host;
import lateen.services.dashboard.MetricsSource.Observation;
import lateen.services.dashboard.MetricsSource.Page;
import org.junit.jupiter.api.Test;

/** Two readings of sidecars, as data, and the picture that they make. */
class GraphBuilderTest {

    private static final Map<String, String> CALLER = Figures.between("source", "frontend", "catalog");
    private static final Map<String, String> CALLEE = Figures.between("destination", "frontend", "catalog");

    /** Instances by name, read at a second. */
    private static Reading reading(double second, Map<String, Figures> sidecars) {
        List<Page> pages = new ArrayList<>();
        new TreeMap<>(sidecars)
                .forEach((name, figures) -> pages.add(new Page.Read(name, (long) (second * 1e9), figures.text())));
        return Reading.of(new Observation(pages, List.of()));
    }

    private static MeshGraph graph(Figures before, Figures after) {
        return GraphBuilder.between(reading(100, Map.of("frontend", before)), reading(110, Map.of("frontend", after)));
    }

    private static Edge only(MeshGraph graph) {
        assertThat(graph.edges()).hasSize(1);
        return graph.edges().getFirst();
    }

    @Test
    void ratesAndQuantilesAreOfTheTimeBetween() {
        Edge edge = only(graph(
                new Figures().http(CALLER, 200, 0, 0, 1000),
                // 100 more: 50 within 1..5 ms, 49 within 5..10, one within 100..250.
                new Figures().http(CALLER, 200, 0, 0, 1050, 49, 0, 0, 0, 1)));

        assertThat(edge.from()).isEqualTo("shop/frontend");
        assertThat(edge.to()).isEqualTo("shop/catalog");
        assertThat(edge.requests().total()).isEqualTo(1100);
        assertThat(edge.requests().perSecond()).isEqualTo(10);
        assertThat(edge.requests().failedPerSecond()).isZero();
        assertThat(edge.requests().p50().getAsDouble()).isCloseTo(5, within(1e-9));
        assertThat(edge.requests().p99().getAsDouble()).isCloseTo(10, within(1e-9));
    }

    @Test
    void oneReadingHasNoRatesYet() {
        MeshGraph graph =
                GraphBuilder.between(null, reading(1, Map.of("frontend", new Figures().http(CALLER, 200, 5))));

        assertThat(graph.measured()).isFalse();
        assertThat(only(graph).requests().total()).isEqualTo(5);
        assertThat(only(graph).requests().perSecond()).isZero();
        assertThat(only(graph).requests().p99()).isEmpty();
    }

    @Test
    void failuresAndRefusalsAreToldApart() {
        Edge edge = only(graph(
                new Figures(),
                new Figures()
                        .http(CALLER, 200, 60)
                        .http(CALLER, 403, 20)
                        .http(CALLER, 503, 10)
                        .http(Figures.with(CALLER, "response_flags", "DC"), 0, 10)));

        assertThat(edge.requests().perSecond()).isEqualTo(10);
        assertThat(edge.requests().refusedPerSecond()).isEqualTo(2);
        assertThat(edge.requests().failedPerSecond()).isEqualTo(2);
    }

    @Test
    void aGrpcStatusOtherThanOkIsAFailure() {
        Map<String, String> grpc =
                Figures.with(Figures.with(CALLER, "request_protocol", "grpc"), "response_code", "200");
        Edge edge = only(graph(
                new Figures(),
                new Figures()
                        .line("istio_requests_total", Figures.with(grpc, "grpc_response_status", "0"), 10)
                        .line("istio_requests_total", Figures.with(grpc, "grpc_response_status", "14"), 20)));

        assertThat(edge.requests().failedPerSecond()).isEqualTo(2);
        assertThat(edge.protocols()).containsExactly("grpc");
    }

    @Test
    void aSidecarThatWasRestartedCountsFromZero() {
        Edge edge = only(graph(new Figures().http(CALLER, 200, 1000, 1000), new Figures().http(CALLER, 200, 30, 0)));

        assertThat(edge.requests().perSecond()).isEqualTo(3);
        assertThat(edge.requests().p50().getAsDouble()).isLessThanOrEqualTo(0.5);
    }

    @Test
    void seriesThatTheSidecarForgotAreNoRestart() {
        Map<String, String> other = Figures.between("source", "frontend", "ratings");
        MeshGraph graph =
                graph(new Figures().http(CALLER, 200, 1000).http(other, 200, 5), new Figures().http(CALLER, 200, 1010));

        assertThat(only(graph).requests().perSecond()).isEqualTo(1);
    }

    /** It was not heard of before: what it has counted all its life is no rate. */
    @Test
    void aSidecarThatAnswersForTheFirstTimeHasNoRates() {
        MeshGraph graph = GraphBuilder.between(
                reading(100, Map.of()), reading(110, Map.of("frontend", new Figures().http(CALLER, 200, 5000))));

        assertThat(only(graph).requests().perSecond()).isZero();
    }

    @Test
    void bothEndsMakeOneEdgeWithTheCallersFiguresAndTheCalleesWordOnTls() {
        // The callee saw half of them: the others never arrived.
        Figures callee = new Figures().http(CALLEE, 200, 50);
        MeshGraph graph = GraphBuilder.between(
                reading(100, Map.of("frontend", new Figures(), "catalog", new Figures())),
                reading(
                        110,
                        Map.of(
                                "frontend",
                                new Figures().http(CALLER, 200, 50).http(CALLER, 503, 50),
                                "catalog",
                                callee)));

        Edge edge = only(graph);
        assertThat(edge.requests().perSecond()).isEqualTo(10);
        assertThat(edge.requests().failedPerSecond()).isEqualTo(5);
        assertThat(edge.security()).isEqualTo(Security.MUTUAL_TLS);
        assertThat(edge.sourceIdentity()).isEqualTo(Figures.identity("frontend"));
        assertThat(edge.destinationIdentity()).isEqualTo(Figures.identity("catalog"));
        assertThat(edge.services()).containsExactly("catalog.shop.svc.cluster.local");
    }

    /** As our own sidecar reports it: a callee knows its caller by certificate only. */
    @Test
    void aCallerKnownByIdentityOnlyIsTheWorkloadThatHasIt() {
        Map<String, String> seen = Figures.with(
                Figures.with(CALLEE, "source_workload", "unknown"), "source_workload_namespace", "unknown");
        Figures both = new Figures().http(CALLER, 200, 10).http(seen, 200, 10);

        assertThat(only(graph(new Figures(), both)).security()).isEqualTo(Security.MUTUAL_TLS);

        Edge alone = only(graph(new Figures(), new Figures().http(seen, 200, 10)));
        assertThat(alone.from()).isEqualTo("identity/spiffe://cluster.local/ns/shop/sa/frontend");
        assertThat(alone.requests().perSecond()).isEqualTo(1);
    }

    @Test
    void callersThatShareAnIdentityAreNotCountedTwice() {
        Map<String, String> seen = Figures.with(
                Figures.with(CALLEE, "source_workload", "unknown"), "source_workload_namespace", "unknown");
        MeshGraph graph = graph(
                new Figures(),
                new Figures()
                        .http(Figures.with(CALLER, "source_workload", "frontend-v1"), 200, 10)
                        .http(Figures.with(CALLER, "source_workload", "frontend-v2"), 200, 20)
                        .http(seen, 200, 30));

        assertThat(graph.edges())
                .extracting(Edge::from, edge -> edge.requests().perSecond(), Edge::security)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("shop/frontend-v1", 1.0, Security.MUTUAL_TLS),
                        org.assertj.core.groups.Tuple.tuple("shop/frontend-v2", 2.0, Security.MUTUAL_TLS));
    }

    @Test
    void instancesAreOneNodeAndVersionsAreTwo() {
        Map<String, String> service = Figures.with(CALLER, "destination_canonical_service", "catalog");
        Map<String, String> v1 = Figures.with(service, "destination_canonical_revision", "v1");
        MeshGraph graph = graph(
                new Figures(),
                new Figures()
                        .http(Figures.with(v1, "destination_workload", "catalog-v1"), 200, 10)
                        .http(Figures.with(v1, "destination_workload", "catalog-v1-2"), 200, 20)
                        .http(Figures.with(service, "destination_canonical_revision", "v2"), 200, 5));

        assertThat(graph.edges())
                .extracting(Edge::to, edge -> edge.requests().perSecond())
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("shop/catalog@v1", 3.0),
                        org.assertj.core.groups.Tuple.tuple("shop/catalog@v2", 0.5));
    }

    @Test
    void plaintextWithoutIdentityComesFromOutside() {
        Map<String, String> plain = Figures.with(
                Figures.between("destination", "unknown", "catalog"), "connection_security_policy", "none");
        MeshGraph graph = graph(new Figures(), new Figures().http(plain, 200, 10));

        assertThat(only(graph).from()).isEqualTo("outside/callers");
        assertThat(only(graph).security()).isEqualTo(Security.PLAINTEXT);
        assertThat(graph.nodes())
                .filteredOn(node -> node.kind() == Kind.OUTSIDE)
                .extracting(Node::name)
                .containsExactly("plain callers");
    }

    @Test
    void aCallThatFoundNoHostGoesToTheServicesWorkloadWhereThereIsOne() {
        Map<String, String> lost = Figures.with(
                Figures.with(
                        Figures.with(CALLER, "destination_workload", "unknown"), "destination_principal", "unknown"),
                "destination_workload_namespace",
                "unknown");

        assertThat(only(graph(new Figures(), new Figures().http(CALLER, 200, 1).http(lost, 503, 1)))
                        .to())
                .isEqualTo("shop/catalog");
        MeshGraph nobody = graph(new Figures(), new Figures().http(lost, 503, 1));
        assertThat(only(nobody).to()).isEqualTo("service/catalog.shop.svc.cluster.local");
        assertThat(nobody.nodes()).extracting(Node::kind).contains(Kind.SERVICE);
    }

    @Test
    void tcpHasConnectionsAndBytes() {
        Edge edge = only(
                graph(new Figures().tcp(CALLER, 10, 8, 1000, 5000), new Figures().tcp(CALLER, 15, 12, 2000, 9000)));

        assertThat(edge.requests()).isNull();
        assertThat(edge.tcp()).isEqualTo(new MeshGraph.Tcp(15, 3, 0.5, 100, 400));
    }

    @Test
    void hostsAreThereWithoutTraffic() {
        Reading now = Reading.of(new Observation(
                List.of(new Page.Missing("ratings", "connection refused")),
                List.of(
                        new Host("ratings", "", "shop", Figures.identity("ratings")),
                        new Host("outsider", "", "shop", ""))));

        MeshGraph graph = GraphBuilder.between(null, now);

        assertThat(graph.nodes())
                .extracting(Node::name, Node::kind, Node::identity)
                .containsExactlyInAnyOrder(
                        org.assertj.core.groups.Tuple.tuple("outsider", Kind.OUTSIDE, ""),
                        org.assertj.core.groups.Tuple.tuple("ratings", Kind.WORKLOAD, Figures.identity("ratings")));
        assertThat(graph.problems()).containsExactly(Map.entry("ratings", "connection refused"));
    }

    @Test
    void metricsThatCannotBeReadAreAProblemOfTheirSidecar() {
        Reading now =
                Reading.of(new Observation(List.of(new Page.Read("x", 1, "istio_requests_total{a=} 1\n")), List.of()));

        assertThat(GraphBuilder.between(null, now).problems().get("x"))
                .isEqualTo("its metrics cannot be read: line 1: column 24: expected \"");
    }
}
