package lateen.proxy;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import lateen.testing.RealProgram;
import org.awaitility.Awaitility;

/** An Envoy 1.40 with a static bootstrap, as {@code scripts/envoy} finds or fetches it. */
public final class RealEnvoy implements AutoCloseable {
    private final Process process;
    private final Path log;
    private final int admin;

    /** @param admin port of the administration interface in that bootstrap */
    public RealEnvoy(Path bootstrap, int admin) throws Exception {
        this.admin = admin;
        log = bootstrap.resolveSibling("envoy.log");
        process = new ProcessBuilder(
                        RealProgram.envoy().toString(),
                        "-c",
                        bootstrap.toString(),
                        "--log-level",
                        "warning",
                        "--concurrency",
                        "1",
                        "--disable-hot-restart",
                        "--file-flush-interval-msec",
                        "10")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> {
            if (!process.isAlive()) {
                throw new AssertionError("Envoy ended: " + Files.readString(log));
            }
            try (Socket ignored = new Socket("127.0.0.1", admin)) {
                return get("/ready").startsWith("LIVE");
            } catch (IOException notYet) {
                return false;
            }
        });
    }

    public String get(String path) throws IOException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin + path))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    public String log() throws IOException {
        return Files.readString(log);
    }

    @Override
    public void close() throws Exception {
        process.destroy();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }
}
