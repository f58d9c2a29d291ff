package lateen.local;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Asks, from inside a namespace and over its loopback, whether something there is ready. */
final class Probe {
    private static final int STEP_MILLIS = 1_000;
    private static final long PAUSE_NANOS = 20_000_000;

    /** One try; IOException is "not yet". */
    private interface Try {
        boolean ready() throws IOException;
    }

    private Probe() {}

    /** Whether {@code GET path} answers 200 before the limit, or before {@code hopeless}. */
    static boolean http(Namespace namespace, int port, String path, Duration limit, BooleanSupplier hopeless)
            throws IOException {
        return until(namespace, limit, hopeless, () -> {
            try (Socket socket = connect(port)) {
                socket.setSoTimeout(STEP_MILLIS);
                String request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
                socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
                String status = new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
                return status.equals("HTTP/1.1 200");
            }
        });
    }

    /** Whether the port accepts a connection before the limit. */
    static boolean tcp(Namespace namespace, int port, Duration limit, BooleanSupplier hopeless) throws IOException {
        return until(namespace, limit, hopeless, () -> {
            connect(port).close();
            return true;
        });
    }

    private static Socket connect(int port) throws IOException {
        Socket socket = new Socket();
        try {
            socket.connect(
                    new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port), STEP_MILLIS);
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private static boolean until(Namespace namespace, Duration limit, BooleanSupplier hopeless, Try attempt)
            throws IOException {
        return InNamespace.call(namespace, limit.plusSeconds(3), () -> {
            long deadline = System.nanoTime() + limit.toNanos();
            while (System.nanoTime() < deadline && !hopeless.getAsBoolean() && !Thread.interrupted()) {
                try {
                    if (attempt.ready()) {
                        return true;
                    }
                } catch (IOException e) {
                    // Not listening yet, or not answering: that is what is waited for.
                }
                LockSupport.parkNanos(PAUSE_NANOS);
            }
            return false;
        });
    }
}
