package lateen.cli.demo;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import lateen.control.ca.CertificateAuthority;
import lateen.identity.CertificateRequest;
import lateen.identity.Pem;
import lateen.identity.SpiffeId;

/**
 * Runs the static proxy (as {@code bin/lateen proxy -c} starts it) on a chain of two listeners with mutual TLS between, sends
 * requests, and leaves what it recorded as the start-up archive {@code dist/proxy.aot}. Needs no rights; loopback only.
 */
final class StaticTraining {
    private static final SpiffeId ID = new SpiffeId("cluster.local", "training", "self");
    private static final int REQUESTS = 2_000;
    private static final Duration START = Duration.ofSeconds(60);
    /** The JVM that writes the archive runs at the end. */
    private static final Duration END = Duration.ofMinutes(2);

    private StaticTraining() {}

    /**
     * @param home the folder that holds {@code bin} and {@code dist}
     * @throws IOException when the proxy did not start, answer, or write its archive
     */
    static void run(Path home, Path archive) throws IOException, InterruptedException {
        Path work = Files.createTempDirectory(
                "lateen-training", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        HttpServer application = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
        application.createContext("/", exchange -> {
            try (exchange) {
                byte[] body = "hello from the application".getBytes(StandardCharsets.US_ASCII);
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
            }
        });
        application.start();
        try {
            train(home, archive, work, application.getAddress().getPort());
        } finally {
            application.stop(0);
            delete(work);
        }
    }

    private static void train(Path home, Path archive, Path work, int application)
            throws IOException, InterruptedException {
        certificates(work);
        int near = freePort();
        Path bootstrap = bootstrap(
                work,
                Map.of(
                        "\"@NEAR@\"", Integer.toString(near),
                        "\"@FAR@\"", Integer.toString(freePort()),
                        "\"@APPLICATION@\"", Integer.toString(application),
                        "@DIR@", work.toString(),
                        "@ID@", ID.toString()));
        Path log = work.resolve("proxy.log");
        ProcessBuilder command = new ProcessBuilder(
                        home.resolve("bin/lateen").toString(),
                        "proxy",
                        "-c",
                        bootstrap.toString(),
                        "--concurrency",
                        "1")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        command.environment().put("LATEEN_JVM_FLAGS", "-XX:AOTCacheOutput=" + archive);
        command.environment().put("JDK_AOT_VM_OPTIONS", "-Xmx512m");
        Process proxy = command.start();
        try {
            send(proxy, near, log);
        } finally {
            proxy.destroy();
        }
        if (!proxy.waitFor(END.toSeconds(), TimeUnit.SECONDS)) {
            proxy.destroyForcibly();
        }
        if (!Files.exists(archive)) {
            throw new IOException("the proxy wrote no archive; it said: " + Files.readString(log));
        }
    }

    private static void send(Process proxy, int port, Path log) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/hello"))
                .timeout(Duration.ofSeconds(15))
                .build();
        long limit = System.nanoTime() + START.toNanos();
        try (HttpClient client = HttpClient.newHttpClient()) {
            int answered = 0;
            while (answered < REQUESTS) {
                if (!proxy.isAlive() || (answered == 0 && System.nanoTime() > limit)) {
                    throw new IOException("the proxy does not answer; it said: " + Files.readString(log));
                }
                try {
                    int status = client.send(request, HttpResponse.BodyHandlers.discarding())
                            .statusCode();
                    if (status != 200) {
                        throw new IOException(
                                "status " + status + " (expected: 200); it said: " + Files.readString(log));
                    }
                    answered++;
                } catch (ConnectException notYet) {
                    Thread.sleep(Duration.ofMillis(50));
                }
            }
        }
    }

    private static void certificates(Path work) throws IOException {
        CertificateAuthority authority = CertificateAuthority.open(
                work.resolve("ca"), ID.trustDomain(), Duration.ofHours(1), InstantSource.system());
        KeyPair keys = CertificateRequest.generateKeys();
        Files.writeString(
                work.resolve("chain.pem"),
                Pem.encode(authority.issueWorkload(ID, keys.getPublic(), Duration.ofHours(1))));
        Files.writeString(work.resolve("key.pem"), Pem.encode(keys.getPrivate()));
        Files.writeString(
                work.resolve("root.pem"), Pem.encode(authority.bundle().roots()));
    }

    private static Path bootstrap(Path work, Map<String, String> values) throws IOException {
        try (InputStream template = Objects.requireNonNull(StaticTraining.class.getResourceAsStream("training.json"))) {
            String text = new String(template.readAllBytes(), StandardCharsets.UTF_8);
            for (Map.Entry<String, String> value : values.entrySet()) {
                text = text.replace(value.getKey(), value.getValue());
            }
            return Files.writeString(work.resolve("bootstrap.json"), text);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            all.sorted(Comparator.reverseOrder()).forEach(path -> {
                try {
                    Files.delete(path);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
