package lateen.cli.up;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import lateen.cli.demo.BuiltPrograms;
import lateen.local.Account;
import lateen.local.Command;
import lateen.local.Distribution;
import lateen.local.LocalMesh;
import lateen.testing.NeedsRoot;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The samples and a directory that is edited, as real meshes. */
@NeedsRoot
class UpTest {
    private static final Path SAMPLES = Path.of("../samples");
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir
    static Path home;

    private final ByteArrayOutputStream said = new ByteArrayOutputStream();

    @BeforeAll
    static void build() throws IOException {
        BuiltPrograms.into(home);
    }

    @Test
    void helloIsAnsweredByBothVersionsAndATesterByTheSecond() throws Exception {
        // 80 calls of which each goes to v2 by one in four: without any it is broken, not bad luck (1 in 10^10).
        int status = up("lt-up-hello", SAMPLES.resolve("hello"))
                .once(
                        "client",
                        List.of(
                                "curl",
                                "-sS",
                                "--max-time",
                                "20",
                                "http://web/?[1-80]",
                                "--next",
                                "-sS",
                                "-H",
                                "x-tester: yes",
                                "http://hello/?[1-20]"));

        assertThat(status).isZero();
        List<String> lines =
                output().lines().filter(line -> line.contains("hello from")).toList();
        assertThat(lines).hasSize(100);
        assertThat(lines.subList(0, 80))
                .containsOnly("web says: hello from v1", "web says: hello from v2")
                .contains("web says: hello from v1", "web says: hello from v2");
        assertThat(lines.subList(80, 100)).containsOnly("hello from v2");
        assertThat(Path.of("/run/lateen/lt-up-hello")).doesNotExist();
    }

    @Test
    void theClockIsToldToItsFriendOnlyAndAnEditOfThePolicyIsFollowed() throws Exception {
        // A folder that only root can enter: its programs are copied to where uid 1000 can read them.
        Path directory = copy(SAMPLES.resolve("tcp"), home.resolve("tcp"));
        String run = "lt-up-tcp";
        Thread up = Thread.ofPlatform().start(() -> {
            try {
                up(run, directory).stay();
            } catch (InterruptedException e) {
                // The end of it.
            }
        });
        await().atMost(PATIENCE).until(() -> !up.isAlive() || output().contains("Ctrl-C"));

        assertThat(time(run, "friend")).startsWith("it is ");
        assertThat(time(run, "stranger")).isEmpty();

        Path file = directory.resolve("clock.yaml");
        String text = Files.readString(file);
        Files.writeString(file, text.replace("sa/friend", "sa/stranger"));
        await().atMost(PATIENCE).until(() -> time(run, "stranger").startsWith("it is "));
        assertThat(time(run, "friend")).isEmpty();

        Files.writeString(file, text.replace("serviceAccount: clock", "serviceAccount: clock\n  instances: 2"));
        await().atMost(PATIENCE).until(() -> output().contains("+ clock-2 "));
        Files.writeString(file, text.replace("[7000]", "[7000]\n  environment: {NEW: \"yes\"}"));
        await().atMost(PATIENCE).until(() -> output().contains("- clock\n") && output().contains("+ clock "));
        assertThat(output()).contains("- clock-2\n");
        await().atMost(PATIENCE).until(() -> time(run, "friend").startsWith("it is "));

        Files.writeString(file, text.replace("kind: LocalWorkload", "kind: LocalWorklaod"));
        await().atMost(PATIENCE).until(() -> output().contains("✘ not applied"));
        assertThat(output())
                .containsPattern(Pattern.compile("✘ clock\\.yaml:\\d+: kind: \"LocalWorklaod\" is unknown"));
        assertThat(time(run, "friend")).startsWith("it is ");

        up.interrupt();
        up.join();
        assertThat(Path.of("/run/lateen", run)).doesNotExist();
        assertThat(Path.of("/run/netns/lateen-" + run + "-clock")).doesNotExist();
    }

    @Test
    void nothingIsStartedOfADirectoryWithoutWorkloads() throws Exception {
        Path directory = Files.createDirectory(home.resolve("empty"));

        assertThat(up("lt-up-empty", directory).stay()).isEqualTo(1);
    }

    private Up up(String run, Path directory) {
        return new Up(run, directory, new Distribution(home), new PrintStream(said, true, StandardCharsets.UTF_8));
    }

    private static String time(String run, String caller) throws IOException {
        return Command.run(
                        LIMIT,
                        "",
                        LocalMesh.commandInside(
                                run,
                                caller,
                                Account.APPLICATION,
                                List.of("curl", "-sS", "--max-time", "10", "telnet://clock:7000")))
                .out();
    }

    private String output() {
        return said.toString(StandardCharsets.UTF_8);
    }

    private static Path copy(Path from, Path to) throws IOException {
        Files.createDirectory(to);
        try (var files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
        return to;
    }
}
