package lateen.control.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import lateen.control.registry.AddressPool;
import lateen.control.registry.ConfigLoad;
import lateen.control.registry.MeshSettings;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** Whatever a file holds, the outcome is a snapshot or a list of problems, never an exception. */
class GarbageTest {

    private static final List<String> WORDS = List.of(
            "apiVersion: v1\n",
            "kind: Service\n",
            "kind: ConfigMap\n",
            "metadata:\n  name: a\n",
            "spec:\n",
            "  ports:\n",
            "  - name: http\n    port: 80\n",
            "  clusterIP: ::1\n",
            "  selector: {}\n",
            "---\n",
            "kind: AuthorizationPolicy\n",
            "apiVersion: security.istio.io/v1\n",
            "  rules: [{}]\n",
            "  rules:\n",
            "  - from: [source: {principals: ['*']}]\n",
            "data: {mesh: 'a: ['}\n",
            "data: {mesh: x}\n",
            "? [a]\n",
            "  portLevelMtls: {x: 1}\n",
            "&a ",
            "*a ",
            "!!int ",
            "{",
            "}",
            "[",
            "]",
            ": ",
            "\t",
            "'",
            "\"",
            "|\n",
            "null",
            "\u0000",
            "\uFEFF",
            "%YAML 9.9\n",
            "spec: {}\n",
            "metadata: {name: b, namespace: c, labels: {d: e}}\n",
            "kind: WorkloadEntry\napiVersion: networking.istio.io/v1\n",
            "  address: 10.0.0.1\n",
            "...\n",
            "<<: *a\n",
            "kind: EnvoyFilter\napiVersion: networking.istio.io/v1alpha3\n",
            "  configPatches:\n  - applyTo: HTTP_FILTER\n    patch: {operation: ADD, value: {name: x, typed_config: ",
            "{'@type': type.googleapis.com/udpa.type.v1.TypedStruct, value: ",
            "{'@type': type.googleapis.com/envoy.config.core.v3.Node, id: ",
            "{priority: 1e999999999, a: [[{b: 0x1}]]}",
            "}}}\n");

    @Property(tries = 2000)
    void of_words(@ForAll("texts") String text) {
        check(text.getBytes(StandardCharsets.UTF_8));
    }

    @Property(tries = 500)
    void of_bytes(@ForAll byte[] bytes) {
        check(bytes);
    }

    @Test
    void a_document_with_a_key_twice_is_refused_by_itself() {
        check("metadata: {name: a}\nkind: EnvoyFilter\napiVersion: networking.istio.io/v1alpha3\napiVersion: v1\n"
                .getBytes(StandardCharsets.UTF_8));
    }

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.of(WORDS).list().ofMinSize(1).ofMaxSize(25).map(l -> String.join("", l));
    }

    private static void check(byte[] bytes) {
        SourceFile file = new SourceFile("a.yaml", bytes);
        ConfigLoad load =
                ConfigLoad.of(List.of(file), MeshSettings.defaults("cluster.local"), AddressPool.DEFAULT, List.of());
        assertThat(load.snapshot()).isNotNull();
        assertThat(load.errors().isEmpty()).isEqualTo(load.refused().isEmpty());
        for (ConfigDocument document : load.inForce()) {
            // What is kept for a restart reads the same, with the same places.
            assertThat(ConfigParser.parse(document.source()).object().meta())
                    .isEqualTo(document.object().meta());
        }
    }
}
