package lateen.proxy.attacks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import lateen.proxy.Rig;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Request smuggling over HTTP/1: each pattern as bytes through this proxy and through Envoy 1.40. What arrives is what both
 * sides count, the connection to the back end is not poisoned for the next client, and where the two proxies answer
 * differently the table says why.
 */
@Tag("kernel")
class SmugglingTest {
    private static final Rig rig = new Rig();
    private static Side lateen;
    private static Side envoy;
    private static Side none;

    @TempDir
    static Path dir;

    @BeforeAll
    static void start() throws Exception {
        lateen = Side.lateen(rig, dir);
        envoy = Side.envoy(rig, dir);
        none = Side.none(rig);
    }

    @AfterAll
    static void close() throws Exception {
        rig.close();
    }

    static Stream<Row> rows() {
        return Row.table("http1-smuggling.txt");
    }

    static Stream<Row> refused() {
        return rows().filter(row -> row.ours().matches("[45].*"));
    }

    private static String outcome(Side side, Row row, String expected) throws Exception {
        List<String> arrived = side.backend().arrived();
        arrived.clear();
        side.backend().cuts().clear();
        try (Http1Client client = new Http1Client(side)) {
            client.send(row.sent());
            String seen = client.outcome(expected, row.sent().startsWith("HEAD"));
            // Whoever is answered is who was counted.
            assertThat(arrived)
                    .containsAll(client.bodies.stream()
                            .filter(body -> !body.isEmpty())
                            .toList());
            return seen;
        }
    }

    @ParameterizedTest
    @MethodSource("rows")
    void eachPattern(Row row) throws Exception {
        assertThat(row.why().isEmpty())
                .as("a difference from Envoy, and only a difference, has a reason: %s", row.why())
                .isEqualTo(row.ours().equals(row.envoys()));
        assertThat(outcome(lateen, row, row.ours())).isEqualTo(row.ours());
        try (Http1Client next = new Http1Client(lateen)) {
            assertThat(next.get("/after")).isEqualTo("GET /after");
        }
        List<String> expected = new ArrayList<>(row.arrives());
        expected.add("GET /after");
        if (row.ours().endsWith("=")) {
            expected.add("GET /probe");
        }
        // The back end notes a request before it answers it.
        assertThat(lateen.backend().arrived()).containsExactlyInAnyOrderElementsOf(expected);
        if (row.ours().endsWith("=")) {
            assertThat(lateen.backend().cuts()).as("bytes beside the requests").isEmpty();
        }
        assertThat(outcome(envoy, row, row.envoys())).as("Envoy").isEqualTo(row.envoys());
    }

    /** Each row that is to be refused would be noticed if it were not. */
    @ParameterizedTest
    @MethodSource("refused")
    void eachPatternIsSeenWhereNothingStandsBefore(Row row) throws Exception {
        none.backend().arrived().clear();
        try (Http1Client client = new Http1Client(none)) {
            client.send(row.sent());
            client.shutdownOutput();
            assertThat(client.firstStatus()).isNotEqualTo(row.ours().substring(0, 3));
        }
    }
}
