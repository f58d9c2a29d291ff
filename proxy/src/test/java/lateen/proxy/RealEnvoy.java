package lateen.proxy;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;

/** An Envoy 1.40 with a static bootstrap, as {@code scripts/envoy} finds or fetches it. */
final class RealEnvoy implements AutoCloseable {
    private final Process process;
    private final Path log;
    private final int admin;

    /** @param admin port of the administration interface in that bootstrap */
    RealEnvoy(Path bootstrap, int admin) throws Exception {
        this.admin = admin;
        log = bootstrap.resolveSibling("envoy.log");
        process = new ProcessBuilder(
                        binary(),
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

    private static String binary() throws Exception {
        Process script = new ProcessBuilder(new File("../scripts/envoy").getPath())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String path;
        try (InputStream out = script.getInputStream()) {
            path = new String(out.readAllBytes(), StandardCharsets.UTF_8).strip();
        }
        if (script.waitFor() != 0) {
            if ("true".equals(System.getenv("CI"))) {
                throw new AssertionError("scripts/envoy finds no Envoy 1.40");
            }
            Assumptions.abort("no Envoy 1.40");
        }
        return path;
    }

    String get(String path) throws IOException {
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

    String log() throws IOException {
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
