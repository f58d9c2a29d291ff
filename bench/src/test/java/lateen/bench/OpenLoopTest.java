package lateen.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class OpenLoopTest {

    private static final long STALL = TimeUnit.MILLISECONDS.toNanos(200);

    /** Answers requests one after the other; the first only when {@link #STALL} has passed. */
    private static ServerSocket server(String answer, boolean stalls) throws IOException {
        ServerSocket listening = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
        Thread.ofPlatform().daemon().start(() -> {
            try (Socket socket = listening.accept();
                    BufferedReader in = new BufferedReader(
                            new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))) {
                long answerAt = 0;
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    if (line.isEmpty()) {
                        answerAt = answerAt == 0 ? System.nanoTime() + STALL : answerAt;
                        while (stalls && System.nanoTime() < answerAt) {
                            Thread.onSpinWait();
                        }
                        socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
                    }
                }
            } catch (IOException e) {
                // The generator went away.
            }
        });
        return listening;
    }

    @Test
    void requestsThatWaitBehindAStallCountFromWhenTheyWereDue() throws IOException {
        try (ServerSocket server = server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", true);
                OpenLoop generator = new OpenLoop(server.getLocalPort(), 1)) {
            // Due every 2 ms: the first hundred while the server stalls.
            long[] nanos = generator.run(500, 100);

            assertThat(nanos[0]).isGreaterThan(STALL / 2);
            // One that counts from when it was sent, after the stall, would be answered at once.
            assertThat(nanos[20]).isGreaterThan(STALL / 2);
            assertThat(Percentiles.of(nanos).p50()).isGreaterThan(STALL / 1e3 / 4);
        }
    }

    @Test
    void anythingButA200EndsTheRun() throws IOException {
        try (ServerSocket server = server("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", false);
                OpenLoop generator = new OpenLoop(server.getLocalPort(), 1)) {
            assertThatThrownBy(() -> generator.run(1_000, 10))
                    .isInstanceOf(IllegalStateException.class)
                    .hasStackTraceContaining("503");
        }
    }

    @Test
    void aPercentileIsTheSmallestValueThatSoManyDoNotExceed() {
        long[] nanos = new long[1_000];
        for (int i = 0; i < nanos.length; i++) {
            nanos[i] = (1_000 - i) * 1_000L;
        }

        assertThat(Percentiles.of(nanos)).isEqualTo(new Percentiles(500, 990, 999));
    }
}
