package lateen.cli.sidecar;

import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** {@code lateen proxy -c FILE} in this process, with an administration interface on a port that was free. */
final class RunningProxy implements AutoCloseable {

    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final CompletableFuture<Integer> exit;
    private final int admin;

    private RunningProxy(List<String> arguments, Path adminFile) throws Exception {
        List<String> all = new ArrayList<>(arguments);
        all.addAll(List.of("--concurrency", "1", "--admin-address-path", adminFile.toString()));
        PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
        exit = CompletableFuture.supplyAsync(
                () -> ProxyCommand.run(all, Map.of("KEY", "value"), InputStream.nullInputStream(), out, out),
                task -> Thread.ofPlatform().daemon().start(task));
        await().until(() -> exit.isDone() || (Files.exists(adminFile) && Files.size(adminFile) > 0));
        if (exit.isDone()) {
            throw new IllegalStateException("it ended with " + exit.get() + ": " + said);
        }
        String address = Files.readString(adminFile);
        admin = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }

    /** Runs until closed; the text must have an administration interface with port 0. */
    static RunningProxy start(Path folder, String yaml, String... more) throws Exception {
        Path file = Files.writeString(Files.createTempFile(folder, "proxy", ".yaml"), yaml);
        List<String> arguments = new ArrayList<>(List.of("-c", file.toString()));
        arguments.addAll(Arrays.asList(more));
        return new RunningProxy(arguments, folder.resolve(file.getFileName() + ".admin"));
    }

    /** The same on a file that is there. */
    static RunningProxy start(Path file) throws Exception {
        return new RunningProxy(
                List.of("-c", file.toString()), Files.createTempFile(file.getParent(), "proxy", ".admin"));
    }

    String admin(String path) throws Exception {
        return get(admin, path).body();
    }

    /** What a POST to the administration interface answers. */
    String change(String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin + path))
                .POST(HttpRequest.BodyPublishers.noBody())
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
        }
    }

    boolean ready() throws Exception {
        return get(admin, "/ready").statusCode() == 200;
    }

    String said() {
        return said.toString(StandardCharsets.UTF_8);
    }

    static HttpResponse<String> get(int port, String path, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(10));
        if (headers.length > 0) {
            request.headers(headers);
        }
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    /** The body, or what went wrong. */
    static String body(int port, String path) throws InterruptedException {
        try {
            return get(port, path).body();
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            return e.toString();
        }
    }

    static int freePort() {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws Exception {
        HttpRequest quit = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin + "/quitquitquit"))
                .POST(HttpRequest.BodyPublishers.noBody())
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            var _ = client.send(quit, HttpResponse.BodyHandlers.discarding());
        }
        var _ = exit.get(20, TimeUnit.SECONDS);
    }
}
