package lateen.proxy;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import lateen.testing.RealProgram;
import org.awaitility.Awaitility;

/** The real openssl program, as client and as server. */
final class OpenSsl {
    private OpenSsl() {}

    private static List<String> command(String first, String... words) {
        List<String> command =
                new ArrayList<>(List.of(RealProgram.packaged("openssl").toString(), first));
        for (String each : words) {
            if (!each.isEmpty()) {
                command.addAll(List.of(each.split(" ")));
            }
        }
        return command;
    }

    /** An application that answers one request with it, and leaves. */
    static Backend page() throws IOException {
        return new Backend((socket, in, out) -> {
            String head = Wire.head(in);
            if (!head.isEmpty()) {
                out.write(
                        ("HTTP/1.1 200 OK\r\nContent-Length: " + head.length() + "\r\nConnection: close\r\n\r\n" + head)
                                .getBytes(StandardCharsets.ISO_8859_1));
            }
        });
    }

    /** Connects, asks for a page, and says all that it printed. */
    static String client(int port, String... words) throws Exception {
        List<String> command = command("s_client", words);
        command.addAll(List.of("-connect", "127.0.0.1:" + port, "-ign_eof"));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        CompletableFuture<String> said = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                said.complete(new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1));
            } catch (IOException e) {
                said.completeExceptionally(e);
            }
        });
        try {
            process.getOutputStream()
                    .write("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            process.getOutputStream().flush();
        } catch (IOException refused) {
            // It ended because of what it is to say.
        }
        try {
            return said.get(10, TimeUnit.SECONDS);
        } finally {
            process.destroyForcibly();
        }
    }

    /** A server that shows, as a page of HTTP/1.0, what it knows of the connection. */
    static final class Server implements AutoCloseable {
        private final Process process;
        final int port;

        Server(String... words) throws Exception {
            try (ServerSocket free = new ServerSocket(0)) {
                port = free.getLocalPort();
            }
            List<String> command = command("s_server", words);
            command.addAll(List.of("-accept", "127.0.0.1:" + port, "-www"));
            Path log = Files.createTempFile("s_server", ".log");
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            Awaitility.await().until(() -> {
                if (!process.isAlive()) {
                    throw new AssertionError(Files.readString(log));
                }
                try (Socket ignored = new Socket("127.0.0.1", port)) {
                    return true;
                } catch (IOException notYet) {
                    return false;
                }
            });
        }

        @Override
        public void close() throws Exception {
            process.destroy();
            process.waitFor(10, TimeUnit.SECONDS);
        }
    }
}
