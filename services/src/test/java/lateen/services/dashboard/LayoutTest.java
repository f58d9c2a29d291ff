package lateen.services.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.IntStream;
import lateen.services.dashboard.Layout.Box;
import lateen.services.dashboard.MeshGraph.Edge;
import lateen.services.dashboard.MeshGraph.Kind;
import lateen.services.dashboard.MeshGraph.Node;
import lateen.services.dashboard.MeshGraph.Requests;
import lateen.services.dashboard.MeshGraph.Security;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class LayoutTest {

    static MeshGraph graph(int nodes, String... edges) {
        List<Node> all = IntStream.range(0, nodes)
                .mapToObj(i -> new Node("n" + i, "n" + i, "shop", "", "", Kind.WORKLOAD))
                .toList();
        Set<String> unique = new LinkedHashSet<>(List.of(edges));
        List<Edge> calls = unique.stream()
                .map(edge -> edge.split(">"))
                .map(ends -> new Edge(
                        "n" + ends[0],
                        "n" + ends[1],
                        "",
                        "",
                        Security.UNKNOWN,
                        List.of(),
                        List.of(),
                        new Requests(1, 1, 0, 0, OptionalDouble.empty(), OptionalDouble.empty()),
                        null))
                .toList();
        return new MeshGraph(all, calls, Map.of(), true);
    }

    private static double x(Layout layout, int node) {
        return layout.nodes().get("n" + node).x();
    }

    @Test
    void calleesStandRightOfTheirCallers() {
        Layout layout = Layout.of(graph(4, "0>1", "1>2", "2>3", "0>3"));

        assertThat(x(layout, 0)).isLessThan(x(layout, 1));
        assertThat(x(layout, 1)).isLessThan(x(layout, 2));
        assertThat(x(layout, 2)).isLessThan(x(layout, 3));
        // Four in a row fit a window of 1280 pixels.
        assertThat(layout.width()).isLessThan(1200);
    }

    @Test
    void aCircleIsDrawnWithItsLastEdgeBackwards() {
        Layout layout = Layout.of(graph(3, "0>1", "1>2", "2>0"));

        assertThat(layout.edges()).extracting(Layout.Path::backwards).containsExactly(false, false, true);
    }

    @Test
    void aChainIsStraight() {
        Layout layout = Layout.of(graph(4, "0>1", "1>2", "2>3"));

        assertThat(layout.nodes().values())
                .extracting(Box::middle)
                .allSatisfy(
                        y -> assertThat(y).isEqualTo(layout.nodes().get("n0").middle()));
    }

    @Property(tries = 300)
    void nothingOverlapsAndEverythingIsInside(@ForAll("graphs") MeshGraph graph) {
        Layout layout = Layout.of(graph);

        assertThat(layout.nodes()).hasSize(graph.nodes().size());
        List<Box> boxes = new ArrayList<>(layout.nodes().values());
        layout.edges().forEach(path -> boxes.add(path.label()));
        for (int i = 0; i < boxes.size(); i++) {
            Box a = boxes.get(i);
            assertThat(a.x()).isGreaterThanOrEqualTo(0);
            assertThat(a.y()).isGreaterThanOrEqualTo(0);
            assertThat(a.x() + a.width()).isLessThanOrEqualTo(layout.width());
            assertThat(a.y() + a.height()).isLessThanOrEqualTo(layout.height());
            for (Box b : boxes.subList(i + 1, boxes.size())) {
                assertThat(a.x() + a.width() <= b.x()
                                || b.x() + b.width() <= a.x()
                                || a.y() + a.height() <= b.y()
                                || b.y() + b.height() <= a.y())
                        .as("%s and %s do not overlap", a, b)
                        .isTrue();
            }
        }
    }

    @Provide
    Arbitrary<MeshGraph> graphs() {
        return Arbitraries.integers().between(1, 14).flatMap(nodes -> {
            Arbitrary<Integer> node = Arbitraries.integers().between(0, nodes - 1);
            return node.flatMap(from -> node.map(to -> from + ">" + to))
                    .list()
                    .ofMaxSize(30)
                    .map(edges -> graph(nodes, edges.toArray(new String[0])));
        });
    }
}
