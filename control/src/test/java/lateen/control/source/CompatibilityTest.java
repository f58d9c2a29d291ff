package lateen.control.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lateen.control.translate.RichMesh;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The tables of docs/compatibility.md against the code: what is called honoured is what {@link RichMesh} holds, which a
 * real Envoy takes; what is called refused or reported is so.
 */
class CompatibilityTest {

    private static final Pattern ROW = Pattern.compile("\\| `([^`]+)` \\| (honoured|refused|reported) \\|.*");

    private record Row(String path, String outcome) {}

    @ParameterizedTest
    @ValueSource(strings = {"VirtualService", "DestinationRule"})
    void what_is_called_honoured_is_all_that_the_rich_mesh_holds(String kind) throws Exception {
        Set<String> called = new TreeSet<>();
        rows(kind).stream().filter(r -> r.outcome.equals("honoured")).forEach(r -> called.add(r.path));
        assertThat(called).isEqualTo(held(kind));
    }

    @ParameterizedTest
    @ValueSource(strings = {"VirtualService", "DestinationRule"})
    void what_is_called_refused_is_refused_and_what_is_called_reported_is_reported(String kind) throws Exception {
        for (Row row : rows(kind)) {
            String path = row.path.replace("[]", "[0]");
            ConfigDocument read = read(kind, row.path);
            switch (row.outcome) {
                case "refused" ->
                    assertThat(read.errors())
                            .extracting(Problem::toString)
                            .anyMatch(p -> p.contains(": " + path + ": is not supported yet"));
                case "reported" ->
                    assertThat(read.warnings())
                            .extracting(Problem::toString)
                            .anyMatch(p -> p.contains(": " + path + ": has no effect yet"));
                default -> {}
            }
        }
    }

    private static List<Row> rows(String kind) throws IOException {
        List<Row> rows = new ArrayList<>();
        boolean here = false;
        for (String line : Files.readAllLines(Path.of("../docs/compatibility.md"))) {
            if (line.startsWith("## ")) {
                here = line.equals("## " + kind);
            }
            Matcher row = ROW.matcher(line);
            if (here && row.matches()) {
                rows.add(new Row(row.group(1), row.group(2)));
            }
        }
        assertThat(rows).isNotEmpty();
        return rows;
    }

    /** Fields of the rich mesh that hold values, as the table writes them: keys that users choose are stars. */
    private static Set<String> held(String kind) {
        Set<String> held = new TreeSet<>();
        for (ConfigDocument document : parse(RichMesh.RULES)) {
            ObjectMeta meta = document.object().meta();
            if (document.object().kind().equals(kind)) {
                Set<String> paths = meta.lines().keySet();
                paths.stream()
                        .filter(p -> p.startsWith("spec."))
                        .filter(p -> paths.stream().noneMatch(o -> o.startsWith(p + ".") || o.startsWith(p + "[")))
                        .forEach(p -> held.add(written(p)));
            }
        }
        return held;
    }

    private static String written(String path) {
        return path.replaceAll("\\[[0-9]+]", "[]")
                .replaceAll("(match\\[]\\.(headers|withoutHeaders|queryParams|sourceLabels))\\..*", "$1.*")
                .replaceAll("(headers\\.(request|response)\\.(set|add))\\..*", "$1.*")
                .replaceAll("\\.(exact|prefix|regex)$", "")
                .replaceAll("^spec\\.http\\[]\\.route\\[]\\.headers\\.", "spec.http[].headers.")
                .replaceAll("labels\\..*", "labels.*")
                .replaceAll("^spec\\.subsets\\[]\\.trafficPolicy\\.", "spec.trafficPolicy.")
                .replaceAll("portLevelSettings\\[]\\.(?!port\\.)", "")
                .replaceAll("\\[]$", "");
    }

    /** An object with that field only. */
    private static ConfigDocument read(String kind, String path) {
        StringBuilder yaml = new StringBuilder();
        String[] names = path.split("\\.");
        StringBuilder end = new StringBuilder();
        for (String name : names) {
            boolean list = name.endsWith("[]");
            yaml.append("{").append(list ? name.substring(0, name.length() - 2) + ": [" : name + ": ");
            end.insert(0, list ? "]}" : "}");
        }
        String text = "apiVersion: networking.istio.io/v1\nkind: " + kind + "\nmetadata: {name: x}\nspec: "
                + yaml.substring("{spec: ".length()) + "{a: b}" + end.substring(0, end.length() - 1) + "\n";
        return parse(text).getFirst();
    }

    private static List<ConfigDocument> parse(String text) {
        return ConfigParser.parse(List.of(new SourceFile("x.yaml", text.getBytes(StandardCharsets.UTF_8))));
    }
}
