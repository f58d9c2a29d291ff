package lateen.cli.sidecar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import lateen.testing.RealProgram;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One bootstrap with an overload manager for a real Envoy and for ours: what clients, statistics and log see is equal. */
@Tag("kernel")
class OverloadBesideEnvoyTest {
    private static final String GET = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";
    private static final Pattern STATISTICS = Pattern.compile(
            "overload\\.envoy.*|http\\.web\\.downstream_.*overload.*|listener\\.127.*(overload|global_cx).*");

    @TempDir
    Path folder;

    private final int port = RunningProxy.freePort();

    private interface Admin {
        String get(String path) throws Exception;
    }

    private Path file() throws IOException {
        try (InputStream in = OverloadBesideEnvoyTest.class.getResourceAsStream("overload.yaml")) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .replace("@A@", Integer.toString(port))
                    .replace("@DIR@", folder.toString());
            return Files.writeString(folder.resolve("overload.yaml"), text);
        }
    }

    /** As Envoy wants it: another file moved into place. */
    private void pressure(String value) throws IOException {
        Path next = Files.writeString(folder.resolve("next"), value);
        Files.move(next, folder.resolve("pressure"), StandardCopyOption.REPLACE_EXISTING);
    }

    private void pressure(Admin admin, String value, int percent) throws Exception {
        pressure(value);
        // Shown when, or just before, loops are told what to do, and earlier than they can see another connection.
        String line = "overload.envoy.resource_monitors.injected_resource.pressure: " + percent;
        await().until(() -> admin.get("/stats").contains(line + "\n"));
    }

    /** Without how many connections are open, which follows with a delay. */
    private static List<String> counted(Admin admin) throws Exception {
        return statistics(admin).stream()
                .filter(each -> !each.contains("connections.pressure"))
                .toList();
    }

    private static List<String> statistics(Admin admin) throws Exception {
        return admin.get("/stats")
                .lines()
                .filter(each -> STATISTICS.matcher(each).matches())
                // Of Envoy's memory and of ours.
                .filter(each -> !each.contains("fixed_heap.pressure"))
                .sorted()
                .toList();
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket("127.0.0.1", port);
        socket.setSoTimeout(10_000);
        return socket;
    }

    /** What a client sees that sends this twice on one connection, as far as it may. */
    private String twice(String request) throws IOException {
        try (Socket socket = connect()) {
            StringBuilder seen = new StringBuilder();
            for (int i = 0; i < 2 && !seen.toString().contains("connection: close"); i++) {
                seen.append(exchange(socket, request)).append(" | ");
            }
            return seen.toString();
        }
    }

    private static String exchange(Socket socket, String request) {
        try {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            StringBuilder head = new StringBuilder();
            InputStream in = socket.getInputStream();
            int b;
            while (!head.toString().endsWith("\r\n\r\n") && (b = in.read()) >= 0) {
                head.append((char) b);
            }
            if (head.isEmpty()) {
                return "closed";
            }
            int length = head.toString()
                    .lines()
                    .filter(each -> each.startsWith("content-length: "))
                    .mapToInt(each -> Integer.parseInt(each.substring("content-length: ".length())))
                    .findFirst()
                    .orElse(0);
            String body = new String(in.readNBytes(length), StandardCharsets.ISO_8859_1);
            return head.toString()
                            .lines()
                            .filter(each -> each.startsWith("HTTP/")
                                    || each.startsWith("connection")
                                    || each.startsWith("grpc")
                                    || each.startsWith("content-type"))
                            .map(each -> each.startsWith("HTTP/") ? each.substring(9, 12) : each)
                            .sorted()
                            .toList()
                    + body;
        } catch (SocketTimeoutException e) {
            return "nothing";
        } catch (IOException e) {
            return "closed";
        }
    }

    private String http2() throws Exception {
        Process curl = new ProcessBuilder(
                        RealProgram.packaged("curl").toString(),
                        "-s",
                        "--http2-prior-knowledge",
                        "-w",
                        "%{http_code} %{http_version}",
                        "http://127.0.0.1:" + port + "/",
                        "--next",
                        "-s",
                        "--http2-prior-knowledge",
                        "-w",
                        "%{http_code} %{num_connects}",
                        "http://127.0.0.1:" + port + "/")
                .start();
        return new String(curl.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    private List<String> seen(Admin admin) throws Exception {
        List<String> seen = new ArrayList<>();
        seen.add("before " + twice(GET));
        seen.addAll(counted(admin));
        for (String value : List.of("0.5", "0.75")) {
            pressure(admin, value, (int) (Double.parseDouble(value) * 100));
            seen.add(value + " get " + twice(GET));
            seen.add(value + " post " + twice("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\nbo"));
            seen.add(value + " grpc " + twice("POST / HTTP/1.1\r\nhost: a\r\ncontent-type: application/grpc\r\n\r\n"));
            seen.add(value + " h2 " + http2());
            seen.addAll(counted(admin));
        }
        try (Socket before = connect()) {
            pressure(admin, "0.3", 30);
            seen.addAll(counted(admin));
            pressure(admin, "0.85", 85);
            seen.add("rejected " + twice(GET));
            // Connections that are there go on.
            seen.add("before " + exchange(before, GET));
            seen.addAll(counted(admin));
        }
        pressure(admin, "0.95", 95);
        try (Socket waiting = connect()) {
            waiting.getOutputStream().write(GET.getBytes(StandardCharsets.ISO_8859_1));
            waiting.setSoTimeout(300);
            seen.add("waits " + exchange(waiting, ""));
            seen.addAll(counted(admin));
            pressure(admin, "0.01", 1);
            waiting.setSoTimeout(10_000);
            seen.add("served " + exchange(waiting, ""));
        }
        List<Socket> many = new ArrayList<>();
        try {
            await().until(() -> statistics(admin)
                    .contains("overload.envoy.resource_monitors.global_downstream_max_connections.pressure: 0"));
            seen.addAll(counted(admin));
            for (int i = 0; i < 8; i++) {
                many.add(connect());
                seen.add("connection " + i + " " + exchange(many.getLast(), GET));
            }
            await().until(() -> statistics(admin)
                    .contains("overload.envoy.resource_monitors.global_downstream_max_connections.pressure: 100"));
            seen.addAll(counted(admin));
        } finally {
            for (Socket each : many) {
                each.close();
            }
        }
        await().until(() -> statistics(admin)
                .contains("overload.envoy.resource_monitors.global_downstream_max_connections.pressure: 0"));
        seen.add("room again " + twice(GET));
        return seen;
    }

    @Test
    void clientsStatisticsAndLogSeeTheSame() throws Exception {
        pressure("0");
        Path file = file();
        Path log = folder.resolve("access.log");
        List<String> expected;
        try (RealEnvoyProcess envoy = RealEnvoyProcess.start(folder, file)) {
            expected = seen(envoy::admin);
        }
        List<String> expectedLog = Files.readAllLines(log);
        Files.delete(log);
        pressure("0");
        List<String> ours;
        try (RunningProxy proxy = RunningProxy.start(file)) {
            await().until(proxy::ready);
            ours = seen(proxy::admin);
        }
        assertThat(ours).isEqualTo(expected);
        assertThat(Files.readAllLines(log)).isEqualTo(expectedLog).contains("GET HTTP/1.1 503 - overload 16");
        assertThat(expected).anyMatch(each -> each.startsWith("0.75 get [503,"));
    }
}
