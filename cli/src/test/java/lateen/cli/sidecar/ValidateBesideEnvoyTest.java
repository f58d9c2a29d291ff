package lateen.cli.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;

/**
 * {@code --mode validate} of a real Envoy and ours on the same files: what Envoy refuses we refuse. What only we refuse
 * says so in the table, and in docs/proxy-standalone.md.
 */
@Tag("kernel")
class ValidateBesideEnvoyTest {

    @TempDir
    Path folder;

    enum Outcome {
        /** Both take it. */
        GOOD,
        /** Both refuse it. */
        BAD,
        /** Only we refuse it. */
        OURS
    }

    /**
     * @param base the file that is changed
     * @param from what is replaced, once; {@code +}: something is put at the end
     * @param to in its place; {@code \n} and leading spaces as they are to stand
     */
    @ParameterizedTest(name = "{0} {1}: {2} → {3}")
    @CsvFileSource(
            resources = "validate-table.csv",
            delimiter = '|',
            numLinesToSkip = 2,
            ignoreLeadingAndTrailingWhitespace = true)
    void theyAgree(Outcome outcome, String base, String from, String to, String says) throws Exception {
        String text;
        try (InputStream in = ValidateBesideEnvoyTest.class.getResourceAsStream("validate-" + base + ".yaml")) {
            text = new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("@DIR@", folder.toString());
        }
        String put = to == null
                ? ""
                : to.replace("\\n", "\n").replace("\\t", "\t").replace("¦", "|").replace("@DIR@", folder.toString());
        String changed;
        if (from.equals("+")) {
            changed = text + put + "\n";
        } else if (from.equals("-")) {
            changed = text;
        } else {
            String there = from.replace("\\n", "\n");
            assertThat(text).contains(there);
            int at = text.indexOf(there);
            changed = text.substring(0, at) + put + text.substring(at + there.length());
        }
        Files.writeString(folder.resolve("lds.yaml"), "resources: []\n");
        Path file = Files.writeString(folder.resolve("b.yaml"), changed);
        List<String> envoy = RealEnvoyProcess.validate(file);
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
        int ours = ProxyCommand.run(
                List.of("-c", file.toString(), "--mode", "validate"),
                Map.of(),
                InputStream.nullInputStream(),
                out,
                out);
        assertThat(envoy.getFirst()).as("Envoy: %s", envoy).isEqualTo(outcome == Outcome.BAD ? "1" : "0");
        assertThat(ours).as(said.toString(StandardCharsets.UTF_8)).isEqualTo(outcome == Outcome.GOOD ? 0 : 1);
        assertThat(said.toString(StandardCharsets.UTF_8))
                .contains(outcome == Outcome.GOOD ? "configuration '" + file + "' OK" : says);
    }
}
