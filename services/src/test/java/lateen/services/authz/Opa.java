package lateen.services.authz;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import lateen.testing.RealProgram;
import org.awaitility.Awaitility;

/** The real program, as scripts/opa finds or builds it, on a policy in a file that it watches. */
final class Opa implements AutoCloseable {
    private final Path policy;
    private final int port;
    private final Process process;

    private Opa(Path policy, int port, Process process) {
        this.policy = policy;
        this.port = port;
        this.process = process;
    }

    static Opa start(Path folder, String rego) throws IOException, InterruptedException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        return start(folder, rego, port);
    }

    static Opa start(Path folder, String rego, int port) throws IOException, InterruptedException {
        String program = RealProgram.opa().toString();
        Path policy = folder.resolve("policy.rego");
        Files.writeString(policy, rego);
        Process process = new ProcessBuilder(List.of(
                        program,
                        "run",
                        "--server",
                        "--watch",
                        "--skip-version-check",
                        "--log-level=error",
                        "--addr=127.0.0.1:" + port,
                        policy.toString()))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("opa.log").toFile())
                .start();
        Awaitility.await().atMost(20, TimeUnit.SECONDS).until(() -> {
            if (!process.isAlive()) {
                throw new IllegalStateException("opa ended: " + Files.readString(folder.resolve("opa.log")));
            }
            try (Socket _ = new Socket("127.0.0.1", port)) {
                return true;
            } catch (IOException e) {
                return false;
            }
        });
        return new Opa(policy, port, process);
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + port);
    }

    int port() {
        return port;
    }

    /** Puts another policy in the watched file's place. */
    void policy(String rego) throws IOException {
        Path next = policy.resolveSibling("next.tmp");
        Files.writeString(next, rego);
        Files.move(next, policy, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
    }
}
