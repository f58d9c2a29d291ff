package lateen.cli.sidecar;

import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import lateen.testing.RealProgram;

/** A real Envoy on a file, with an administration interface on a port that was free. */
final class RealEnvoyProcess implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Process process;
    private final int admin;

    private RealEnvoyProcess(Path folder, Path file) throws Exception {
        Path address = folder.resolve("envoy.admin");
        Files.deleteIfExists(address);
        process = new ProcessBuilder(
                        RealProgram.envoy().toString(),
                        "-c",
                        file.toString(),
                        "--admin-address-path",
                        address.toString(),
                        "--use-dynamic-base-id",
                        "--concurrency",
                        "1",
                        "-l",
                        "warning")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("envoy.log").toFile())
                .start();
        await().atMost(PATIENCE).until(() -> !process.isAlive() || (Files.exists(address) && Files.size(address) > 0));
        if (!process.isAlive()) {
            throw new IllegalStateException(Files.readString(folder.resolve("envoy.log")));
        }
        String text = Files.readString(address);
        admin = Integer.parseInt(text.substring(text.lastIndexOf(':') + 1).strip());
        await().atMost(PATIENCE).until(() -> RunningProxy.get(admin, "/ready").statusCode() == 200);
    }

    static RealEnvoyProcess start(Path folder, Path file) throws Exception {
        return new RealEnvoyProcess(folder, file);
    }

    String admin(String path) throws Exception {
        return RunningProxy.get(admin, path).body();
    }

    /** What {@code envoy --mode validate} says, and its exit status as the first line. */
    static List<String> validate(Path file) throws Exception {
        Process process = new ProcessBuilder(
                        RealProgram.envoy().toString(),
                        "-c",
                        file.toString(),
                        "--mode",
                        "validate",
                        "--use-dynamic-base-id",
                        "-l",
                        "error")
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        List<String> said = process.inputReader().lines().toList();
        return java.util.stream.Stream.concat(
                        java.util.stream.Stream.of(String.valueOf(process.waitFor())), said.stream())
                .toList();
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(10, java.util.concurrent.TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }
}
