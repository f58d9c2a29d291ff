package lateen.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import lateen.decision.config.ClusterConfig.UpstreamHttp;
import lateen.decision.config.Http1Options;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Trailers of HTTP/1, both ways. Envoy: {@code Http1ProtocolOptions.enable_trailers}. */
class TrailersTest {
    private static final String ANSWER =
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nDigest: abc\r\nset-cookie: a=b\r\n\r\n";

    private final Rig rig = new Rig();
    private final BlockingQueue<String> arrived = new ArrayBlockingQueue<>(4);

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    private InetSocketAddress proxy(boolean down, boolean up) throws Exception {
        Backend app = rig.with(new Backend((socket, in, out) -> {
            while (true) {
                arrived.add(Wire.head(in) + chunks(in));
                out.write(ANSWER.getBytes(StandardCharsets.ISO_8859_1));
            }
        }));
        return Rig.address(
                rig.proxy(Configs.of(
                        List.of(Configs.listener(
                                "http",
                                Configs.NO_INSPECTORS,
                                Configs.chain(
                                        "c",
                                        null,
                                        Edited.with(
                                                Configs.http(Configs.everythingTo("app")),
                                                "http1",
                                                new Http1Options(down))))),
                        Edited.with(
                                Configs.speaking(UpstreamHttp.HTTP1, Configs.cluster("app", null, app.port())),
                                "http1",
                                new Http1Options(up)))),
                "http");
    }

    /** Everything from the first chunk to the empty line after the trailers. */
    private static String chunks(InputStream in) throws Exception {
        StringBuilder all = new StringBuilder();
        boolean last = false;
        while (!last || !all.toString().endsWith("\r\n\r\n")) {
            int b = in.read();
            if (b < 0) {
                break;
            }
            all.append((char) b);
            last |= all.toString().endsWith("\r\n0\r\n");
        }
        return all.toString();
    }

    @ParameterizedTest
    @CsvSource({"true,true,true", "true,false,false", "false,true,false", "false,false,false"})
    void trailersGoOnWhereBothSidesHaveThemOn(boolean down, boolean up, boolean expected) throws Exception {
        try (Wire client = new Wire(proxy(down, up))) {
            for (int i = 0; i < 2; i++) {
                // In two reads, in the middle of a line.
                client.send(
                        "POST / HTTP/1.1\r\nHost: catalog\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum"
                                + ": 1\r\nHost: evil\r\nContent-Length: 7\r\nx-forwarded-for: 1.2.3.4\r\nauthoriz");
                client.send("ation: b\r\nx-last:  2 \r\n\r\n");
                String request = arrived.poll(10, TimeUnit.SECONDS);
                assertThat(request.substring(request.indexOf("\r\n\r\n") + 4))
                        .isEqualTo(
                                expected
                                        ? "5\r\nhello\r\n0\r\nX-Sum: 1\r\nx-last:  2 \r\n\r\n"
                                        : "5\r\nhello\r\n0\r\n\r\n");
                assertThat(Wire.head(client.in)).startsWith("HTTP/1.1 200");
                assertThat(chunks(client.in))
                        .isEqualTo(expected ? "2\r\nok\r\n0\r\nDigest: abc\r\n\r\n" : "2\r\nok\r\n0\r\n\r\n");
            }
        }
    }
}
