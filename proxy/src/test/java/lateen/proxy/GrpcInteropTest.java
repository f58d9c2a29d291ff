package lateen.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import lateen.testing.RealProgram;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The gRPC project's own cases, its client and server (Go) at the ends, two proxies with mTLS between them. Left out are
 * those for credentials of clouds, and for load reports, which need a balancer that the client must be configured for.
 */
class GrpcInteropTest {
    private static final Rig rig = new Rig();

    @TempDir
    static Path dir;

    private static Path programs;
    private static InetSocketAddress proxy;

    @BeforeAll
    static void open() throws Exception {
        programs = RealProgram.grpcInterop();
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Process server = new ProcessBuilder(programs.resolve("server").toString(), "--port=" + port)
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("server.log").toFile())
                .start();
        rig.with(() -> server.destroyForcibly().waitFor(5, TimeUnit.SECONDS));
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> {
            try (Socket probe = new Socket("127.0.0.1", port)) {
                return probe.isConnected();
            } catch (IOException notYet) {
                return false;
            }
        });
        proxy = MeshChain.http2(rig, port, MeshChain.FRONTEND, new LogFile(dir.resolve("access.log")));
    }

    @AfterAll
    static void close() throws Exception {
        rig.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "empty_unary",
                "large_unary",
                "client_streaming",
                "server_streaming",
                "ping_pong",
                "empty_stream",
                "timeout_on_sleeping_server",
                "cancel_after_begin",
                "cancel_after_first_response",
                "status_code_and_message",
                "special_status_message",
                "custom_metadata",
                "unimplemented_method",
                "unimplemented_service"
            })
    void theClientIsContent(String testCase) throws Exception {
        Path log = dir.resolve(testCase + ".log");
        Process client = new ProcessBuilder(
                        programs.resolve("client").toString(),
                        "--server_host=127.0.0.1",
                        "--server_port=" + proxy.getPort(),
                        "--test_case=" + testCase)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        boolean ended = client.waitFor(60, TimeUnit.SECONDS);
        client.destroyForcibly().waitFor();
        assertThat(ended).as(Files.readString(log)).isTrue();
        assertThat(client.exitValue()).as(Files.readString(log)).isZero();
    }
}
