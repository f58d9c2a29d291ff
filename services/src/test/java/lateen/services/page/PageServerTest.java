package lateen.services.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PageServerTest {
    private PageServer server;

    @BeforeEach
    void start() throws IOException {
        server = PageServer.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                Map.of("/here", () -> PageServer.Page.text("text/plain", "hello")));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** Raw, as browsers and attackers write it. */
    private String ask(String line, String host) throws IOException {
        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), server.address().getPort())) {
            String request = line + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost:15080", "LOCALHOST", "127.0.0.1", "127.0.0.1:15080", "[::1]:15080", "10.33.0.1"})
    void addressesAndThisMachineAreServed(String host) throws IOException {
        assertThat(ask("GET /here", host)).startsWith("HTTP/1.1 200 ").endsWith("\r\n\r\nhello");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "evil.example",
                "evil.example:15080",
                "localhost.evil.example",
                "127.0.0.1.evil.example",
                "",
                ":1",
                "[::1",
                "::1",
                "127.0.0.1:x"
            })
    void namesOfStrangersAreNot(String host) throws IOException {
        assertThat(ask("GET /here", host)).startsWith("HTTP/1.1 421 ").doesNotContain("hello");
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS"})
    void nothingButReading(String method) throws IOException {
        assertThat(ask(method + " /here", "localhost"))
                .startsWith("HTTP/1.1 405 ")
                .doesNotContain("hello");
    }

    @Test
    void headHasNoBodyAndAnUnknownPathIsNotThere() throws IOException {
        assertThat(ask("HEAD /here", "localhost")).startsWith("HTTP/1.1 200 ").doesNotContain("hello");
        assertThat(ask("GET /there", "localhost")).startsWith("HTTP/1.1 404 ");
        assertThat(ask("GET /here/../../etc/passwd", "localhost")).startsWith("HTTP/1.1 404 ");
    }

    @Test
    void aPageMayUseNothingFromElsewhere() throws IOException {
        assertThat(ask("GET /here", "localhost").toLowerCase(java.util.Locale.ROOT))
                .contains("content-security-policy: default-src 'none'; script-src 'self'")
                .contains("x-content-type-options: nosniff")
                .contains("frame-ancestors 'none'");
    }
}
