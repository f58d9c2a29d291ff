package lateen.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import lateen.cli.demo.BuiltPrograms;
import lateen.local.Command;
import lateen.testing.NeedsRoot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The capture commands as a shell starts them: the launcher, the class path of capture, a JVM of their own. */
@NeedsRoot
class CaptureMainTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final String namespace = "lt-launch-" + ProcessHandle.current().pid();

    @TempDir
    private Path home;

    @BeforeEach
    void build() throws Exception {
        BuiltPrograms.into(home);
        Files.writeString(
                home.resolve("dist/capture.cp"),
                String.join(
                                "\n",
                                Files.readAllLines(home.resolve("dist/full.cp")).stream()
                                        .filter(jar -> jar.startsWith("lateen-capture") || jar.startsWith("lateen-cli"))
                                        .toList())
                        + "\n");
        Files.createSymbolicLink(home.resolve("dist/runtime"), Path.of(System.getProperty("java.home")));
        Files.createDirectories(home.resolve("bin"));
        Files.copy(Path.of("../bin/lateen"), home.resolve("bin/lateen"));
        Files.createSymbolicLink(home.resolve("istio-iptables"), home.resolve("bin/lateen"));
        for (String command : List.of(
                "ip netns add " + namespace,
                "ip -n " + namespace + " link set lo up",
                "ip -n " + namespace + " addr add 10.77.0.1/32 dev lo",
                "ip -n " + namespace + " route add default dev lo")) {
            run(List.of(command.split(" ")));
        }
    }

    @AfterEach
    void remove() throws IOException {
        Command.run(LIMIT, "", List.of("ip", "netns", "del", namespace));
    }

    private static Command.Result run(List<String> command) throws IOException {
        Command.Result result = Command.run(LIMIT, "", command);
        assertThat(result.exit()).as("%s: %s", command, result.err()).isZero();
        return result;
    }

    /**
     * From the command to its answer. With the runtime and the archive of the distribution it is under half of that; here
     * neither is there, and other tests run beside it.
     */
    @Test
    void rulesAreWrittenAndAPacketIsExplainedWithinSeconds() throws Exception {
        // By that name it is Istio's tool.
        run(List.of(
                home.resolve("istio-iptables").toString(), "-i", "*", "-b", "*", "--network-namespace=" + namespace));
        long begun = System.nanoTime();
        String said = run(List.of(
                        home.resolve("bin/lateen").toString(),
                        "capture",
                        "explain",
                        "tcp",
                        "10.77.0.1",
                        "192.0.2.1:80",
                        "--iface",
                        "eth0",
                        "--uid",
                        "1000",
                        "--netns",
                        namespace))
                .out();
        Duration taken = Duration.ofNanos(System.nanoTime() - begun);
        assertThat(said).contains("✔ ISTIO_OUTPUT: -j ISTIO_REDIRECT", "goes to local port 15001");
        assertThat(taken).isLessThan(Duration.ofSeconds(3));
    }
}
