package lateen.xds.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Node;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextFormTest {

    private final List<Problem> problems = new ArrayList<>();

    private <B extends Message.Builder> B yaml(String text, B into) {
        var _ = TextForm.YAML.read("f.yaml", text, into, problems);
        return into;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            connect_timeout: 0.25s                  | connect_timeout { nanos: 250000000 }
            connectTimeout: 3s                      | connect_timeout { seconds: 3 }
            lb_policy: RANDOM                       | lb_policy: RANDOM
            lb_policy: 3                            | lb_policy: RANDOM
            track_cluster_stats: {request_response_sizes: true} | track_cluster_stats { request_response_sizes: true }
            per_connection_buffer_limit_bytes: 0x10 | per_connection_buffer_limit_bytes { value: 16 }
            per_connection_buffer_limit_bytes: "32" | per_connection_buffer_limit_bytes { value: 32 }
            per_connection_buffer_limit_bytes: 1e3  | per_connection_buffer_limit_bytes { value: 1000 }
            metadata: {filter_metadata: {a: {b: [1, x, true, null, {c: d}]}}} | metadata
            """)
    void valuesHaveProtobufsForms(String text, String expected) {
        Cluster cluster = yaml("name: a\n" + text, Cluster.newBuilder()).build();
        assertThat(problems).isEmpty();
        assertThat(cluster.toString().replaceAll("\\s+", " ")).contains(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            connect_timeout: 5                        | connect_timeout: '5' (expected: seconds with an s, such as 0.25s)
            connect_timeout: [5s]                     | connect_timeout: a list (expected: seconds with an s, such as 0.25s)
            connect_timeout: 0s                       | connect_timeout: 0s (expected: more than 0s)
            lb_policy: FASTEST                        | lb_policy: 'FASTEST' (expected: ROUND_ROBIN
            name: yes                                 | name: 'yes' (expected: text; in quotes where it looks like a boolean or an integer)
            name: 12                                  | name: '12' (expected: text; in quotes
            names: b                                  | names: unknown field of envoy.config.cluster.v3.Cluster
            per_connection_buffer_limit_bytes: -1     | per_connection_buffer_limit_bytes: '-1' (expected: 0..4294967295)
            per_connection_buffer_limit_bytes: 4294967296 | per_connection_buffer_limit_bytes: '4294967296'
            per_connection_buffer_limit_bytes: 1e999999999 | per_connection_buffer_limit_bytes: '1e999999999'
            transport_socket_matches: {}              | transport_socket_matches: a map (expected: a list)
            transport_socket_matches: [{match: {}}]   | transport_socket_matches[0].name: missing (expected: text)
            transport_socket: {name: t, typed_config: {}} | transport_socket.typed_config: no @type
            transport_socket: {name: t, typed_config: {"@type": type.googleapis.com/java.lang.Runtime}} | transport_socket.typed_config.@type: unknown type 'type.googleapis.com/java.lang.Runtime'
            {type: EDS, cluster_type: {name: x}}      | cluster_type: beside 'type' (expected: only one of them)
            """)
    void whatIsWrongIsToldWithPathAndExpectation(String text, String problem) {
        String whole = text.startsWith("{")
                ? text.replace("{type", "{name: a, type")
                : text.startsWith("name:") ? text : "name: a\n" + text;
        yaml(whole, Cluster.newBuilder());
        assertThat(problems).isNotEmpty();
        assertThat(problems.getFirst().path() + ": " + problems.getFirst().text())
                .startsWith(problem);
        assertThat(problems.getFirst().line()).isPositive();
    }

    @Test
    void everyProblemIsFound() {
        yaml("name: a\nfoo: 1\nlb_policy: X\nconnect_timeout: 1\n", Cluster.newBuilder());
        assertThat(problems).extracting(Problem::line).containsExactly(2, 3, 4);
    }

    @Test
    void jsonIsReadTheSameWay() throws InvalidProtocolBufferException {
        Node node = Node.newBuilder().setId("1").setCluster("c\"\n").build();
        Node.Builder read = Node.newBuilder();
        var _ = TextForm.JSON.read("f.json", JsonFormat.printer().print(node), read, problems);
        assertThat(problems).isEmpty();
        assertThat(read.build()).isEqualTo(node);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "{\"id\": }", "[1", "{} {}", "{\"id\": \"a\", \"id\": \"b\"}", "nul", ""})
    void brokenJsonIsAProblem(String text) {
        var _ = TextForm.JSON.read("f.json", text, Node.newBuilder(), problems);
        assertThat(problems).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a: [",
                "id: *x",
                "? [a]\n: b",
                "id: a\nid: b",
                "--- {}\n--- {}",
                "\tid: a",
                "id: \"\\xff",
                "a: &a [*a]"
            })
    void brokenYamlIsAProblemWithItsLine(String text) {
        yaml(text, Node.newBuilder());
        assertThat(problems).isNotEmpty();
        assertThat(problems.getFirst().line()).isPositive();
    }

    @Test
    void anAliasStandsForItsAnchor() {
        Bootstrap read = yaml("""
                static_resources:
                  clusters:
                    - {name: a, connect_timeout: &t 3s}
                    - {name: b, connect_timeout: *t}
                """, Bootstrap.newBuilder()).build();
        assertThat(problems).isEmpty();
        assertThat(read.getStaticResources().getClusters(1).getConnectTimeout().getSeconds())
                .isEqualTo(3);
    }

    @Test
    void aliasesAreNotMultipliedWithoutLimit() {
        StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 12; i++) {
            bomb.append("a").append(i).append(": &a").append(i).append(" [");
            bomb.append(("*a" + (i - 1) + ", ").repeat(10)).append("x]\n");
        }
        yaml(bomb.toString(), Node.newBuilder());
        assertThat(problems.getFirst().text()).contains("more than 2000000 values");
    }

    @ParameterizedTest
    @ValueSource(strings = {"YAML", "JSON"})
    void depthHasALimit(TextForm form) {
        var _ = form.read(
                "f", "{\"metadata\": {\"a\": " + "[".repeat(500) + "]".repeat(500) + "}}", Node.newBuilder(), problems);
        assertThat(problems.getFirst().text()).contains("nested deeper than 100 levels");
    }

    @Test
    void aLineIsFoundByItsPath() {
        Lines lines = TextForm.YAML.read(
                "f",
                "static_resources:\n  clusters:\n    - name: a\n    - name: b\n      lb_policy: RANDOM\n",
                Bootstrap.newBuilder(),
                problems);
        assertThat(lines.of("static_resources.clusters[1].lb_policy")).isEqualTo(5);
        assertThat(lines.of("static_resources.clusters[1].type")).isEqualTo(4);
        assertThat(lines.of("static_resources.clusters[7].type")).isEqualTo(2);
        assertThat(lines.of("admin")).isZero();
    }

    /** Whatever stands there: problems, never an exception; and what has none is a message. */
    @Property(tries = 500)
    void anyTextGivesAMessageOrProblems(@ForAll("texts") String text, @ForAll TextForm form) {
        List<Problem> found = new ArrayList<>();
        Bootstrap.Builder into = Bootstrap.newBuilder();
        var _ = form.read("f", text, into, found);
        assertThat(into.buildPartial()).isNotNull();
    }

    @Provide
    Arbitrary<String> texts() {
        Arbitrary<String> words = Arbitraries.of(
                "node",
                "id",
                "static_resources",
                "clusters",
                "name",
                "x",
                ":",
                ": ",
                "\n",
                "  ",
                "- ",
                "{",
                "}",
                "[",
                "]",
                ",",
                "\"",
                "'",
                "&a ",
                "*a",
                "!!str ",
                "|\n",
                "1",
                "1s",
                "true",
                "null",
                "@type",
                "type.googleapis.com/envoy.config.cluster.v3.Cluster",
                "typed_config",
                "admin",
                "address",
                "#",
                "\t",
                "é",
                "\u0000",
                "\\",
                "<<",
                "?",
                "---\n");
        return Arbitraries.oneOf(
                words.list().ofMaxSize(40).map(list -> String.join("", list)),
                Arbitraries.strings().ofMaxLength(60));
    }

    @Test
    void onlyMessagesOfEnvoysApiAreLoaded() {
        assertThat(KnownTypes.prototype("envoy.config.cluster.v3.Cluster")).isEqualTo(Cluster.getDefaultInstance());
        assertThat(KnownTypes.prototype("google.protobuf.Any")).isEqualTo(Any.getDefaultInstance());
        assertThat(KnownTypes.prototype("java.lang.Runtime")).isNull();
        assertThat(KnownTypes.prototype("envoy.config.cluster.v3.ClusterProto")).isNull();
        assertThat(KnownTypes.prototype("envoy..Cluster")).isNull();
    }
}
