package lateen.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import lateen.decision.config.ClusterConfig.UpstreamHttp;
import lateen.decision.config.HeaderEdits;
import lateen.decision.config.HttpFilter;
import lateen.decision.config.NetworkFilter;
import lateen.decision.config.NetworkFilter.HttpConnectionManager;
import lateen.decision.config.UpstreamTls;
import lateen.testing.TestAuthority;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** TCP carried within CONNECT to another proxy: HBONE as a client. */
class TunnelTest {
    private final Rig rig = new Rig();

    @TempDir
    Path dir;

    private LogFile log;

    @BeforeEach
    void open() {
        log = new LogFile(dir.resolve("access.log"));
    }

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    /** Gives back what it hears, and says how much that was once the client has ended its direction. */
    private Backend app() throws Exception {
        return rig.with(new Backend((socket, in, out) -> {
            long all = in.transferTo(out);
            out.write((" " + all).getBytes(StandardCharsets.US_ASCII));
        }));
    }

    /** Takes TCP and tunnels it. */
    private Proxy entrance(UpstreamHttp spoken, UpstreamTls tls, int exit) throws Exception {
        NetworkFilter.TcpProxy tunnelling = Edited.with(
                Configs.tcp("exit"),
                "tunneling",
                new NetworkFilter.Tunneling(
                        "%DOWNSTREAM_LOCAL_ADDRESS%",
                        false,
                        "/",
                        new HeaderEdits(
                                List.of(),
                                List.of(new HeaderEdits.Edit(
                                        "x-from", "entrance", HeaderEdits.Action.OVERWRITE_IF_EXISTS_OR_ADD)))));
        return rig.proxy(Configs.of(
                List.of(Configs.listener(
                        "tcp",
                        Configs.NO_INSPECTORS,
                        Configs.chain("c", null, Configs.logged(tunnelling, log.config())))),
                Configs.speaking(spoken, Configs.cluster("exit", tls, exit))));
    }

    /** Ends tunnels and goes on by TCP. */
    private Proxy exit(boolean tls, int app, HttpFilter... filters) throws Exception {
        HttpConnectionManager http =
                Configs.upgrading(Configs.http(Configs.connectTo("app"), filters), Set.of("connect"));
        return rig.proxy(Configs.of(
                List.of(Configs.listener(
                        "hbone", Configs.NO_INSPECTORS, Configs.chain("c", tls ? Configs.serverTls() : null, http))),
                Configs.cluster("app", null, app)));
    }

    /** What comes back for it, and after its end: that last part HTTP/1 cannot carry. */
    private String say(Proxy entrance, String text, boolean end) throws Exception {
        try (Wire wire = new Wire(Rig.address(entrance, "tcp"))) {
            wire.send(text);
            String back = new String(wire.in.readNBytes(text.length()), StandardCharsets.US_ASCII);
            wire.socket.shutdownOutput();
            return end ? back + wire.rest() : back;
        } catch (SocketException refused) {
            return "";
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = UpstreamHttp.class,
            names = {"HTTP1", "HTTP2"})
    void bytesCrossBothWaysAndEachDirectionEndsAlone(UpstreamHttp spoken) throws Exception {
        Proxy exit = exit(false, app().port());
        Proxy entrance = entrance(spoken, null, Rig.address(exit, "hbone").getPort());
        String large = "x".repeat(1_000_000);
        boolean end = spoken == UpstreamHttp.HTTP2;
        assertThat(say(entrance, "hello", end)).isEqualTo(end ? "hello 5" : "hello");
        assertThat(say(entrance, large, end)).isEqualTo(end ? large + " 1000000" : large);
        LogFile.Line line = log.lines(2).getFirst();
        assertThat(line.of("bytes_received")).isEqualTo("5");
        assertThat(line.of("bytes_sent")).isEqualTo(end ? "7" : "5");
        assertThat(line.of("response_flags")).isEqualTo("-");
    }

    @ParameterizedTest
    @CsvSource({"frontend,hello 5,-", "intruder,'',UF"})
    void overMutualTlsItIsHbone(String account, String heard, String flag) throws Exception {
        TestAuthority authority = new TestAuthority("root");
        Proxy exit = exit(
                true,
                app().port(),
                new HttpFilter.Rbac(Configs.allowOnly("ns[shop]-policy[only]-rule[0]", "frontend")));
        TcpTest.secrets(exit, authority, "catalog");
        Proxy entrance = entrance(
                UpstreamHttp.HTTP2,
                Configs.clientTls(List.of("h2"), "spiffe://cluster.local/ns/shop/sa/catalog"),
                Rig.address(exit, "hbone").getPort());
        TcpTest.secrets(entrance, authority, account);
        assertThat(say(entrance, "hello", true)).isEqualTo(heard);
        LogFile.Line line = log.lines(1).getFirst();
        assertThat(line.of("response_flags")).isEqualTo(flag);
    }

    @Test
    void manyTunnelsShareOneConnection() throws Exception {
        Proxy exit = exit(false, app().port());
        Proxy entrance =
                entrance(UpstreamHttp.HTTP2, null, Rig.address(exit, "hbone").getPort());
        for (int i = 0; i < 20; i++) {
            assertThat(say(entrance, "n" + i, true)).startsWith("n" + i + " ");
        }
        StringBuilder text = new StringBuilder();
        entrance.stats().renderPlain(text);
        assertThat(text.toString().lines().filter(each -> each.startsWith("cluster.exit.upstream_cx_total: ")))
                .singleElement()
                .satisfies(each -> assertThat(Integer.parseInt(each.substring(each.lastIndexOf(' ') + 1)))
                        .isLessThanOrEqualTo(ProxySettings.defaults().workers()));
    }

    @ParameterizedTest
    @EnumSource(
            value = UpstreamHttp.class,
            names = {"HTTP1", "HTTP2"})
    @Tag("kernel")
    void aRealEnvoyEndsOurTunnels(UpstreamHttp spoken) throws Exception {
        int port = RealEnvoy.tunnelling(
                rig,
                dir,
                "CONNECT",
                "{match: {connect_matcher: {}, headers: [{name: x-from, string_match: {exact: entrance}}]},"
                        + " route: {cluster: app, upgrade_configs: [{upgrade_type: CONNECT, connect_config: {}}]}}",
                "http_protocol_options: {}",
                app().port());
        boolean end = spoken == UpstreamHttp.HTTP2;
        assertThat(say(entrance(spoken, null, port), "hello", end)).isEqualTo(end ? "hello 5" : "hello");
    }
}
