package lateen.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import lateen.testing.NeedsRoot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NeedsRoot
class SupervisorEndTest {
    @TempDir
    Path home;

    @Test
    void afterKillNoProcessSurvivesAndTheNextStartRemovesTheRest() throws Exception {
        String run = "lt-local-killed";
        Process supervisor = supervise(run);

        supervisor.destroyForcibly().waitFor(10, TimeUnit.SECONDS);

        await().atMost(Duration.ofSeconds(10))
                .until(() -> Traces.of(run).stream().noneMatch(trace -> trace.startsWith("process")));
        assertThat(Traces.of(run))
                .contains(
                        "/run/netns/lateen-" + run + "-mesh",
                        "/etc/netns/lateen-" + run + "-client",
                        "/run/lateen/" + run);
        try (RunDirectory _ = RunDirectory.open(RunDirectory.ROOT, "lt-local-next")) {
            assertThat(Traces.of(run)).isEmpty();
        }
        assertThat(Traces.of("lt-local-next")).isEmpty();
    }

    @Test
    void anInterruptFromTheTerminalLeavesNothing() throws Exception {
        String run = "lt-local-interrupted";
        Process supervisor = supervise(run);

        Command.check("", "kill", "-INT", Long.toString(supervisor.pid()));

        assertThat(supervisor.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(supervisor.exitValue()).isEqualTo(130);
        assertThat(Traces.of(run)).isEmpty();
    }

    @Test
    void aLiveRunIsNotTouchedByAnotherStart() throws Exception {
        String run = "lt-local-alive";
        Process supervisor = supervise(run);
        List<String> before = Traces.of(run);

        try (RunDirectory _ = RunDirectory.open(RunDirectory.ROOT, "lt-local-other")) {
            assertThat(Traces.of(run)).isEqualTo(before);
        }

        supervisor.destroy();
        assertThat(supervisor.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(Traces.of(run)).isEmpty();
    }

    private Process supervise(String run) throws IOException {
        Process process = new ProcessBuilder(
                        // Who runs the tests in the background may ignore it, and what is ignored is inherited.
                        "env",
                        "--default-signal=INT",
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        SupervisorProgram.class.getName(),
                        run,
                        Files.createDirectories(home.resolve(run)).toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader said = process.inputReader();
        assertThat(said.readLine()).isEqualTo("up");
        return process;
    }
}
