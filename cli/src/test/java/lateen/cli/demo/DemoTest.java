package lateen.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import lateen.local.Distribution;
import lateen.testing.NeedsRoot;
import lateen.testing.RealProgram;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The whole demonstration with the real programs: root, real namespaces, real rules. */
@NeedsRoot
class DemoTest {
    private static final int ALL = Chapter.values().length;

    @TempDir
    static Path home;

    private final ByteArrayOutputStream said = new ByteArrayOutputStream();

    @BeforeAll
    static void build() throws Exception {
        // A step of the demonstration needs it: where none is to be had there is nothing to test.
        var _ = RealProgram.opa();
        BuiltPrograms.into(home);
    }

    @Test
    void everyStepHoldsAndNothingIsLeft() throws Exception {
        int status = demo("lt-local-demo", Sabotage.NONE, Optional.empty(), EnumSet.allOf(Chapter.class));

        assertThat(status).as(output()).isZero();
        assertThat(output()).contains("✔ " + (ALL - 1) + " of " + (ALL - 1) + " steps held.");
        assertThat(Path.of("/run/lateen/lt-local-demo")).doesNotExist();
        assertThat(Path.of("/run/netns/lateen-lt-local-demo-frontend")).doesNotExist();
    }

    @Test
    void everyStepHoldsWithEnvoySidecarsAndNoneOfThemComplains() throws Exception {
        int status =
                demo("lt-envoy-demo", Sabotage.NONE, Optional.of(RealProgram.envoy()), EnumSet.allOf(Chapter.class));

        assertThat(status).as(output()).isZero();
        assertThat(output()).contains("✔ " + (ALL - 1) + " of " + (ALL - 1) + " steps held.");
        assertThat(output()).containsPattern("agent of client .*\n *its Envoy ");
        assertThat(Path.of("/run/lateen/lt-envoy-demo")).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource({"NO_CAPTURE, RULES", "NO_POLICY, DENIED", "PERMISSIVE, PLAINTEXT"})
    void somethingTakenAwayIsAFailureThatNamesItsStep(Sabotage sabotage, Chapter step) throws Exception {
        int status =
                demo("lt-local-broken", sabotage, Optional.empty(), EnumSet.range(Chapter.RULES, Chapter.PLAINTEXT));

        assertThat(status).as(output()).isEqualTo(1);
        assertThat(output().lines().dropWhile(line -> !line.contains("steps held.")))
                .as(output())
                .anyMatch(line -> line.strip().startsWith("step " + step.number() + ", "));
    }

    private int demo(String run, Sabotage sabotage, Optional<Path> envoy, Set<Chapter> chapters)
            throws InterruptedException {
        PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
        return new Demo(run, true, sabotage, envoy, chapters, new Distribution(home), out).run();
    }

    private String output() {
        return said.toString(StandardCharsets.UTF_8);
    }
}
