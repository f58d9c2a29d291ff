package lateen.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import lateen.decision.config.ListenerConfig;
import lateen.decision.config.ProxyConfig;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Inbound listeners drain while what the workload itself asks goes on. Envoy: {@code /drain_listeners?inboundonly}. */
class InboundDrainTest {
    private final Rig rig = new Rig();

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    private static ListenerConfig listener(String name, ListenerConfig.Direction direction) {
        ListenerConfig plain = Configs.listener(
                name, Configs.NO_INSPECTORS, Configs.chain("c", null, Configs.http(Configs.everythingTo("app"))));
        return new ListenerConfig(
                name,
                plain.addresses(),
                true,
                false,
                direction,
                plain.inspectors(),
                plain.filterChains(),
                null,
                plain.accessLogs());
    }

    @Test
    void outboundStaysUpWhileInboundEnds() throws Exception {
        Backend app = rig.with(new Backend((socket, in, out) -> {
            while (!Wire.head(in).isEmpty()) {
                out.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes(StandardCharsets.US_ASCII));
            }
        }));
        List<ListenerConfig> listeners = List.of(
                listener("in", ListenerConfig.Direction.INBOUND), listener("out", ListenerConfig.Direction.OUTBOUND));
        ProxyConfig config = Configs.of(listeners, Configs.cluster("app", null, app.port()));
        Proxy proxy = rig.proxy(config);
        InetSocketAddress in = Rig.address(proxy, "in");
        InetSocketAddress out = Rig.address(proxy, "out");
        Wire inbound = rig.with(new Wire(in));
        Wire outbound = rig.with(new Wire(out));
        assertThat(inbound.get("/")).startsWith("HTTP/1.1 200").doesNotContainIgnoringCase("connection: close");
        assertThat(outbound.get("/")).startsWith("HTTP/1.1 200");

        CompletableFuture<Void> drained =
                proxy.drainInbound(Duration.ofSeconds(20), true).toCompletableFuture();
        Awaitility.await()
                .untilAsserted(
                        () -> assertThatThrownBy(() -> new Wire(in).close()).isInstanceOf(ConnectException.class));
        assertThat(drained).isNotDone();
        assertThat(inbound.get("/")).startsWith("HTTP/1.1 200").containsIgnoringCase("connection: close");
        assertThat(inbound.in.read()).isEqualTo(-1);
        drained.get(10, TimeUnit.SECONDS);

        assertThat(outbound.get("/")).startsWith("HTTP/1.1 200").doesNotContainIgnoringCase("connection: close");
        assertThat(rig.with(new Wire(out)).get("/"))
                .startsWith("HTTP/1.1 200")
                .doesNotContainIgnoringCase("connection: close");
        // News for outbound still count, and open nothing again.
        Rig.apply(proxy, Configs.of(listeners, Configs.cluster("app", null, app.port())));
        assertThat(proxy.addresses("in")).isEmpty();
        assertThat(outbound.get("/")).startsWith("HTTP/1.1 200");
        // All of it can still drain.
        CompletableFuture<Void> all = proxy.drain(Duration.ofSeconds(20)).toCompletableFuture();
        all.get(10, TimeUnit.SECONDS);
        assertThat(outbound.in.read()).isEqualTo(-1);
    }
}
