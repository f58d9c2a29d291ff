package lateen.cli.up;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import lateen.cli.demo.BuiltPrograms;
import lateen.local.Command;
import lateen.testing.NeedsRoot;
import lateen.testing.RealProgram;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The launcher as an ordinary user starts it, in a user namespace with that single user. Root, to become that user. */
@NeedsRoot
class WithoutRootTest {
    private static final int USER = 12345;
    private static final Duration LIMIT = Duration.ofMinutes(8);

    private static Path home;

    @BeforeAll
    static void build() throws Exception {
        // Below /tmp: an ordinary user cannot read what lies in a checkout of root.
        home = Files.createTempDirectory(Path.of("/tmp"), "lateen-without-root-");
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxr-xr-x"));
        BuiltPrograms.into(home);
        Files.writeString(home.resolve("dist/capture.cp"), Files.readString(home.resolve("dist/full.cp")));
        Files.createSymbolicLink(home.resolve("dist/runtime"), Path.of(System.getProperty("java.home")));
        // As it may lie in root's cache.
        Files.copy(RealProgram.opa(), home.resolve("opa"));
        for (String part : List.of("bin", "samples/tcp")) {
            Path from = Path.of("..", part);
            Files.createDirectories(home.resolve(part));
            try (var files = Files.list(from)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    Files.copy(file, home.resolve(part).resolve(file.getFileName()));
                }
            }
        }
    }

    @AfterAll
    static void remove() throws IOException {
        if (home != null) {
            Command.run(Duration.ofSeconds(30), "", List.of("rm", "-rf", home.toString()));
        }
    }

    @Test
    void upCapturesAndRefusesAndExecEntersItAndNothingIsLeft() throws Exception {
        Path log = home.resolve("up.log");
        Process up = new ProcessBuilder(asUser("bin/lateen", "up", "samples/tcp", "--name", "lt-nobody"))
                .directory(home.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        await().atMost(LIMIT).until(() -> !up.isAlive() || Files.readString(log).contains("Ctrl-C"));
        assertThat(Files.readString(log)).contains("a mesh of a single user", "Ctrl-C");

        assertThat(exec("friend", "curl", "-sS", "-m", "10", "telnet://clock:7000")
                        .out())
                .startsWith("it is ");
        assertThat(exec("stranger", "curl", "-sS", "-m", "10", "telnet://clock:7000")
                        .out())
                .isEmpty();
        assertThat(exec("friend", "grep", "CapBnd", "/proc/self/status").out()).contains("0000000000000000");
        assertThat(user("bin/lateen", "capture", "show", "--netns", "lateen-lt-nobody-friend")
                        .out())
                .contains("-m mark --mark 0x539")
                .doesNotContain("owner");

        up.destroy();
        assertThat(up.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(user("bin/lateen", "exec", "--name", "lt-nobody", "friend", "--", "true")
                        .err())
                .contains("not running");
        assertThat(processes()).isEmpty();
    }

    @Test
    void everyStepOfTheDemonstrationHolds() throws Exception {
        Command.Result demo = user("bin/lateen", "demo", "--once", "--name", "lt-nobody-demo");

        assertThat(demo.exit()).as(demo.out() + demo.err()).isZero();
        assertThat(processes()).isEmpty();
    }

    @Test
    void whereNamespacesAreNotAllowedItSaysSo() throws Exception {
        // In a namespace with a limit of 0 it is as on a machine with that limit.
        List<String> limited = new ArrayList<>(
                List.of("unshare", "-U", "--map-user=" + USER, "--map-group=" + USER, "--keep-caps", "sh", "-c"));
        limited.add("echo 0 > /proc/sys/user/max_user_namespaces && exec bin/lateen up samples/tcp");
        Command.Result refused = user(limited.toArray(String[]::new));

        assertThat(refused.exit()).isNotZero();
        assertThat(refused.err()).contains("user.max_user_namespaces");
    }

    private static Command.Result exec(String workload, String... command) throws IOException {
        List<String> words = new ArrayList<>(List.of("bin/lateen", "exec", "--name", "lt-nobody", workload, "--"));
        words.addAll(List.of(command));
        return user(words.toArray(String[]::new));
    }

    private static Command.Result user(String... command) throws IOException {
        List<String> there = new ArrayList<>(List.of("sh", "-c", "cd " + home + " && exec \"$@\"", "sh"));
        there.addAll(asUser(command));
        return Command.run(LIMIT, "", there);
    }

    private static List<String> asUser(String... command) {
        List<String> words = new ArrayList<>(List.of(
                "setpriv",
                "--reuid=" + USER,
                "--regid=" + USER,
                "--clear-groups",
                "env",
                "-i",
                "PATH=/usr/bin:/bin",
                "HOME=/nonexistent",
                "LATEEN_OPA=" + home.resolve("opa")));
        words.addAll(List.of(command));
        return words;
    }

    /** What runs as the user, of this test. */
    private static List<String> processes() {
        return ProcessHandle.allProcesses()
                .filter(process -> process.info().commandLine().orElse("").contains("lt-nobody"))
                .map(process -> process.info().commandLine().orElse(""))
                .toList();
    }
}
