package lateen.proxy;

import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import lateen.testing.RealProgram;
import org.awaitility.Awaitility;

/** A real haproxy in HTTP mode with one server, which it tells by X-Forwarded-For who its client is. */
final class HaProxy implements AutoCloseable {
    private final Process process;
    final int port;

    /**
     * @param bind further words of its {@code bind} line, such as {@code accept-proxy}
     * @param server further words of its {@code server} line, such as {@code send-proxy-v2}
     */
    HaProxy(String bind, int server, String serverWords) throws Exception {
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Path file = Files.createTempFile("haproxy", ".cfg");
        Files.writeString(file, """
                defaults
                  mode http
                  timeout connect 5s
                  timeout client 10s
                  timeout server 10s
                  option forwardfor
                frontend in
                  bind 127.0.0.1:%d %s
                  default_backend out
                backend out
                  server one 127.0.0.1:%d %s
                """.formatted(port, bind, server, serverWords));
        process = new ProcessBuilder(RealProgram.packaged("haproxy").toString(), "-db", "-f", file.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        Awaitility.await().until(() -> {
            if (!process.isAlive()) {
                throw new AssertionError("haproxy ended with status " + process.exitValue());
            }
            try (Socket ignored = new Socket("127.0.0.1", port)) {
                return true;
            } catch (java.io.IOException notYet) {
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
