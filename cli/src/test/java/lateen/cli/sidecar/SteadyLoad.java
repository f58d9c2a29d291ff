package lateen.cli.sidecar;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** Clients that never stop asking, and remember each failure. */
final class SteadyLoad implements AutoCloseable {
    private static final byte[] GET = "GET / HTTP/1.1\r\nhost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    /** So that they do not take the processors from the proxies that start. */
    private static final long PAUSE_NANOS = 2_000_000;

    /** Of all kinds. */
    final AtomicLong done = new AtomicLong();
    /** Of gRPC. */
    final AtomicLong calls = new AtomicLong();

    final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean over;

    private interface Step {
        void run() throws Exception;
    }

    private void always(String name, Step step) {
        threads.add(Thread.ofPlatform().daemon().name(name).start(() -> {
            while (!over) {
                try {
                    step.run();
                } catch (Exception e) {
                    failures.add(name + ": " + e);
                }
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }));
    }

    /** Connections of so many requests each; one that is told to close is closed. */
    SteadyLoad http1(int port, int requests) {
        always("HTTP/1 × " + requests, () -> {
            try (Socket socket = connect(port)) {
                boolean open = true;
                for (int i = 0; i < requests && open && !over; i++) {
                    socket.getOutputStream().write(GET);
                    open = answered(socket.getInputStream());
                    done.incrementAndGet();
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            }
        });
        return this;
    }

    /** A connection for each exchange of a few bytes. */
    SteadyLoad tcp(int port) {
        always("TCP", () -> {
            try (Socket socket = connect(port)) {
                byte[] sent = "ping".getBytes(StandardCharsets.US_ASCII);
                socket.getOutputStream().write(sent);
                if (!Arrays.equals(socket.getInputStream().readNBytes(sent.length), sent)) {
                    throw new EOFException("no echo");
                }
                done.incrementAndGet();
            }
        });
        return this;
    }

    SteadyLoad grpc(ManagedChannel channel, MethodDescriptor<byte[], byte[]> unary) {
        always("gRPC", () -> {
            ClientCalls.blockingUnaryCall(channel, unary, CallOptions.DEFAULT, new byte[] {1});
            calls.incrementAndGet();
            done.incrementAndGet();
        });
        return this;
    }

    private static Socket connect(int port) throws IOException {
        Socket socket = new Socket("127.0.0.1", port);
        socket.setSoTimeout(10_000);
        return socket;
    }

    /** Whether the connection stays open. */
    private static boolean answered(InputStream in) throws IOException {
        StringBuilder read = new StringBuilder();
        while (read.indexOf("\r\n\r\n") < 0) {
            int b = in.read();
            if (b < 0) {
                throw new EOFException("after '" + read + "'");
            }
            read.append((char) b);
        }
        String head = read.toString().toLowerCase(Locale.ROOT);
        if (!head.startsWith("http/1.1 200")) {
            throw new IOException(head);
        }
        int at = head.indexOf("content-length: ") + "content-length: ".length();
        int length = Integer.parseInt(head.substring(at, head.indexOf("\r\n", at)));
        if (in.readNBytes(length).length != length) {
            throw new EOFException("in the body");
        }
        return !head.contains("connection: close");
    }

    @Override
    public void close() throws InterruptedException {
        over = true;
        for (Thread each : threads) {
            each.join(10_000);
        }
    }
}
