package lateen.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many bytes at once, to slow readers too: all of them, in order, to whom they belong. */
class TcpBulkTest {
    private static final int SIZE = 64 << 20;

    private final Rig rig = new Rig();

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    private static void write(OutputStream out, long seed, int size) throws IOException {
        Random random = new Random(seed);
        byte[] block = new byte[256 << 10];
        for (int sent = 0; sent < size; sent += block.length) {
            random.nextBytes(block);
            out.write(block);
        }
    }

    /** @param pause after each of so many bytes, as a slow reader makes; 0: none */
    private static String digest(InputStream in, int pause) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        byte[] block = new byte[64 << 10];
        long total = 0;
        for (int n = in.read(block); n >= 0; n = in.read(block)) {
            digest.update(block, 0, n);
            if (pause > 0 && total / pause != (total + n) / pause) {
                LockSupport.parkNanos(2_000_000);
            }
            total += n;
        }
        return total + " " + HexFormat.of().formatHex(digest.digest());
    }

    private static String expected(long seed) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        write(
                new OutputStream() {
                    @Override
                    public void write(int b) {
                        throw new UnsupportedOperationException();
                    }

                    @Override
                    public void write(byte[] bytes) {
                        digest.update(bytes);
                    }
                },
                seed,
                SIZE);
        return SIZE + " " + HexFormat.of().formatHex(digest.digest());
    }

    private Proxy proxy(int backend) throws Exception {
        return rig.proxy(Configs.of(
                List.of(Configs.listener("tcp", Configs.NO_INSPECTORS, Configs.chain("c", null, Configs.tcp("app")))),
                Configs.cluster("app", null, backend)));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1 << 18, 1 << 19})
    void bothDirectionsAtOnceLoseNothing(int pause) throws Exception {
        CompletableFuture<String> heard = new CompletableFuture<>();
        Backend app = rig.with(new Backend((socket, in, out) -> {
            Thread writer = Thread.ofPlatform().start(() -> {
                try {
                    write(out, 2, SIZE);
                    socket.shutdownOutput();
                } catch (IOException e) {
                    heard.completeExceptionally(e);
                }
            });
            heard.complete(digest(in, pause));
            writer.join();
        }));
        Proxy proxy = proxy(app.port());

        try (Socket socket = new Socket("127.0.0.1", Rig.address(proxy, "tcp").getPort())) {
            CompletableFuture<String> answered = new CompletableFuture<>();
            Thread reader = Thread.ofPlatform().start(() -> {
                try {
                    answered.complete(digest(socket.getInputStream(), pause));
                } catch (Exception e) {
                    answered.completeExceptionally(e);
                }
            });
            write(socket.getOutputStream(), 1, SIZE);
            // The end arrives while much is still on its way.
            socket.shutdownOutput();
            assertThat(heard.get(60, TimeUnit.SECONDS)).isEqualTo(expected(1));
            assertThat(answered.get(60, TimeUnit.SECONDS)).isEqualTo(expected(2));
            reader.join();
        }
    }

    @Test
    void bytesOfAConnectionThatBreaksReachNobodyElse() throws Exception {
        CompletableFuture<String> heard = new CompletableFuture<>();
        Backend app = rig.with(new Backend((socket, in, out) -> {
            int first = in.read();
            if (first == 'x') {
                // Its client is reset in the midst of this.
                write(out, 3, SIZE);
            } else if (first == 'y') {
                heard.complete((char) first + digest(in, 0));
            }
        }));
        Proxy proxy = proxy(app.port());
        int port = Rig.address(proxy, "tcp").getPort();

        for (int i = 0; i < 20; i++) {
            try (Socket broken = new Socket("127.0.0.1", port)) {
                broken.setSoLinger(true, 0);
                broken.getOutputStream().write('x');
                assertThat(broken.getInputStream().readNBytes(i * (128 << 10))).hasSize(i * (128 << 10));
            }
        }
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.getOutputStream().write('y');
            write(socket.getOutputStream(), 4, SIZE);
            socket.shutdownOutput();
            assertThat(heard.get(60, TimeUnit.SECONDS)).isEqualTo("y" + expected(4));
        }
    }
}
