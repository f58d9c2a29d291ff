package lateen.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import lateen.decision.config.ClusterConfig.UpstreamHttp;
import lateen.decision.config.Http2Options;
import lateen.decision.config.NetworkFilter.HttpConnectionManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A WebSocket whose middle is HTTP/2: two proxies of ours, or one of them a real Envoy. RFC 8441. */
class UpgradeTest {
    /** The example of RFC 6455 section 1.3. */
    private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";

    private static final String ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

    private final Rig rig = new Rig();

    @TempDir
    Path dir;

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    /** Grants a WebSocket as RFC 6455 has it and echoes what comes, or else answers 426 and goes on. */
    private Backend app(boolean grants) throws Exception {
        return rig.with(new Backend((socket, in, out) -> {
            String head;
            while (!(head = Wire.head(in)).isEmpty()) {
                String key = Wire.header(head, "sec-websocket-key");
                if (grants && key != null && head.toLowerCase(Locale.ROOT).contains("upgrade: websocket")) {
                    grant(key, in, out);
                    return;
                }
                out.write("HTTP/1.1 426 Upgrade Required\r\nContent-Length: 2\r\n\r\nno"
                        .getBytes(StandardCharsets.US_ASCII));
            }
        }));
    }

    private static void grant(String key, InputStream in, OutputStream out) throws Exception {
        byte[] sum = MessageDigest.getInstance("SHA-1")
                .digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.US_ASCII));
        out.write(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        + "Sec-WebSocket-Accept: " + Base64.getEncoder().encodeToString(sum) + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        in.transferTo(out);
    }

    private int proxy(UpstreamHttp spoken, int to) throws Exception {
        HttpConnectionManager http = Edited.with(
                Configs.http(Configs.everythingTo("app")),
                "http2",
                Edited.with(Http2Options.DEFAULT, "allowConnect", true));
        return Rig.address(
                        rig.proxy(
                                ProxySettings.defaults().withWorkers(1),
                                Configs.of(
                                        List.of(Configs.listener(
                                                "http", Configs.NO_INSPECTORS, Configs.chain("c", null, http))),
                                        Configs.speaking(spoken, Configs.cluster("app", null, to)))),
                        "http")
                .getPort();
    }

    private int envoy(boolean http2Upstream, int to) throws Exception {
        return RealEnvoy.tunnelling(
                rig,
                dir,
                "websocket",
                "{match: {prefix: /}, route: {cluster: app}}",
                http2Upstream ? "http2_protocol_options: {allow_connect: true}" : "http_protocol_options: {}",
                to);
    }

    private Wire ask(int port) throws Exception {
        Wire wire = rig.with(new Wire(new InetSocketAddress("127.0.0.1", port)));
        // The last bytes are the tunnel's, before it is granted.
        return wire.send(
                "GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: "
                        + KEY + "\r\nSec-WebSocket-Version: 13\r\n\r\nfirst");
    }

    private void tunnels(int port) throws Exception {
        Wire wire = ask(port);
        String head = Wire.head(wire.in);
        assertThat(head).startsWith("HTTP/1.1 101");
        assertThat(Wire.header(head, "upgrade")).isEqualToIgnoringCase("websocket");
        assertThat(Wire.header(head, "connection")).isEqualToIgnoringCase("upgrade");
        assertThat(Wire.header(head, "sec-websocket-accept")).isEqualTo(ACCEPT);
        for (String frame : List.of("first", "second", "x".repeat(100_000))) {
            if (!frame.equals("first")) {
                wire.send(frame);
            }
            assertThat(new String(wire.in.readNBytes(frame.length()), StandardCharsets.US_ASCII))
                    .isEqualTo(frame);
        }
    }

    @Test
    void aWebSocketCrossesHttp2BetweenTwoProxies() throws Exception {
        tunnels(proxy(UpstreamHttp.HTTP2, proxy(UpstreamHttp.HTTP1, app(true).port())));
    }

    @Test
    void aHostThatRefusesIsHeardAndIsSentNothingOfTheTunnel() throws Exception {
        Backend app = app(false);
        int middle = proxy(UpstreamHttp.HTTP1, app.port());
        Wire wire = ask(proxy(UpstreamHttp.HTTP2, middle));
        assertThat(wire.response()).startsWith("HTTP/1.1 426").endsWith("no");
        try (Wire next = new Wire(new InetSocketAddress("127.0.0.1", middle))) {
            assertThat(next.get("/")).startsWith("HTTP/1.1 426");
        }
        // The connection was good for another request, so nothing had been sent behind the first.
        assertThat(app.connections).hasValue(1);
    }

    @Test
    @Tag("kernel")
    void aRealEnvoyAsksUs() throws Exception {
        tunnels(envoy(true, proxy(UpstreamHttp.HTTP1, app(true).port())));
    }

    @Test
    @Tag("kernel")
    void weAskARealEnvoy() throws Exception {
        tunnels(proxy(UpstreamHttp.HTTP2, envoy(false, app(true).port())));
    }
}
