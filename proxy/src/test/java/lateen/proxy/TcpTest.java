package lateen.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import lateen.decision.config.ClusterConfig.CircuitBreakers;
import lateen.decision.config.ClusterConfig.Discovery;
import lateen.decision.config.NetworkFilter;
import lateen.decision.net.IpAddress;
import lateen.decision.net.SocketAddr;
import lateen.testing.TestAuthority;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TcpTest {
    private final Rig rig = new Rig();

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    /** Reads to the end of its input, then answers with what it read and its length. */
    private Backend answersAfterEnd() throws Exception {
        return rig.with(new Backend((socket, in, out) -> {
            byte[] all = in.readAllBytes();
            out.write(("got " + all.length).getBytes());
        }));
    }

    private Proxy plain(int port) throws Exception {
        return rig.proxy(Configs.of(
                List.of(Configs.listener("tcp", Configs.NO_INSPECTORS, Configs.chain("c", null, Configs.tcp("app")))),
                Configs.cluster("app", null, port)));
    }

    @Test
    void aClientThatEndsItsDirectionStillGetsTheAnswer() throws Exception {
        Proxy proxy = plain(answersAfterEnd().port());
        try (Wire wire = new Wire(Rig.address(proxy, "tcp"))) {
            wire.send("hello");
            wire.socket.shutdownOutput();
            assertThat(wire.rest()).isEqualTo("got 5");
        }
    }

    @Test
    void halfCloseCrossesMutualTls() throws Exception {
        TestAuthority authority = new TestAuthority("root");
        Proxy inbound = inbound(authority, answersAfterEnd().port(), "frontend");
        Proxy outbound =
                outbound(authority, "frontend", Rig.address(inbound, "in").getPort());
        try (Wire wire = new Wire(Rig.address(outbound, "out"))) {
            wire.send("hello");
            wire.socket.shutdownOutput();
            assertThat(wire.rest()).isEqualTo("got 5");
        }
    }

    /** Ends its own direction first, then reads on. */
    private Backend endsFirst(CompletableFuture<String> got) throws Exception {
        return rig.with(new Backend((socket, in, out) -> {
            out.write("bye".getBytes());
            socket.shutdownOutput();
            got.complete(new String(in.readAllBytes()));
        }));
    }

    private static void sendsAfterTheServerEnded(Proxy proxy, String listener, CompletableFuture<String> got)
            throws Exception {
        try (Wire wire = new Wire(Rig.address(proxy, listener))) {
            assertThat(wire.rest()).isEqualTo("bye");
            wire.send("one");
            wire.send("two");
            wire.socket.shutdownOutput();
            assertThat(got.get(10, TimeUnit.SECONDS)).isEqualTo("onetwo");
        }
    }

    @Test
    void aServerThatEndsItsDirectionStillGetsWhatTheClientSends() throws Exception {
        CompletableFuture<String> got = new CompletableFuture<>();
        sendsAfterTheServerEnded(plain(endsFirst(got).port()), "tcp", got);
    }

    @Test
    void aServersHalfCloseCrossesMutualTls() throws Exception {
        CompletableFuture<String> got = new CompletableFuture<>();
        TestAuthority authority = new TestAuthority("root");
        Proxy inbound = inbound(authority, endsFirst(got).port(), "frontend");
        sendsAfterTheServerEnded(
                outbound(authority, "frontend", Rig.address(inbound, "in").getPort()), "out", got);
    }

    @Test
    void aPeerThatNoPolicyAllowsIsDisconnected() throws Exception {
        TestAuthority authority = new TestAuthority("root");
        Backend app = answersAfterEnd();
        Proxy inbound = inbound(authority, app.port(), "somebody-else");
        Proxy outbound =
                outbound(authority, "frontend", Rig.address(inbound, "in").getPort());
        try (Wire wire = new Wire(Rig.address(outbound, "out"))) {
            assertThat(wire.rest()).isEmpty();
        }
        assertThat(app.connections).hasValue(0);
    }

    @Test
    void aServerOfTheWrongNameIsNotTalkedTo() throws Exception {
        TestAuthority authority = new TestAuthority("root");
        Backend app = answersAfterEnd();
        Proxy inbound = inbound(authority, app.port(), "frontend");
        Proxy outbound = rig.proxy(Configs.of(
                List.of(Configs.listener("out", Configs.NO_INSPECTORS, Configs.chain("c", null, Configs.tcp("peer")))),
                Configs.cluster(
                        "peer",
                        Configs.clientTls("spiffe://cluster.local/ns/shop/sa/ratings"),
                        Rig.address(inbound, "in").getPort())));
        secrets(outbound, authority, "frontend");
        try (Wire wire = new Wire(Rig.address(outbound, "out"))) {
            assertThat(wire.rest()).isEmpty();
        }
        assertThat(app.connections).hasValue(0);
    }

    private Proxy inbound(TestAuthority authority, int app, String allowed) throws Exception {
        Proxy inbound = rig.proxy(Configs.of(
                List.of(Configs.listener(
                        "in",
                        Configs.NO_INSPECTORS,
                        Configs.chain(
                                "c",
                                Configs.serverTls(),
                                new NetworkFilter.Rbac(
                                        "rbac", Configs.allowOnly("ns[shop]-policy[only]-rule[0]", allowed)),
                                Configs.tcp("app")))),
                Configs.cluster("app", null, app)));
        secrets(inbound, authority, "catalog");
        return inbound;
    }

    private Proxy outbound(TestAuthority authority, String account, int port) throws Exception {
        Proxy outbound = rig.proxy(Configs.of(
                List.of(Configs.listener("out", Configs.NO_INSPECTORS, Configs.chain("c", null, Configs.tcp("peer")))),
                Configs.cluster("peer", Configs.clientTls("spiffe://cluster.local/ns/shop/sa/catalog"), port)));
        secrets(outbound, authority, account);
        return outbound;
    }

    static void secrets(Proxy proxy, TestAuthority authority, String account) {
        proxy.secrets().certificate("default", authority.svid(account));
        proxy.secrets().trust("ROOTCA", authority.bundle());
    }

    @Test
    void aQuarterGigabyteFlowsThroughASlowReaderInBoundedMemory() throws Exception {
        long size = 256L << 20;
        CompletableFuture<Long> received = new CompletableFuture<>();
        Backend app = rig.with(new Backend((socket, in, out) -> received.complete(drainSlowly(in))));
        Proxy proxy = plain(app.port());
        try (Wire wire = new Wire(Rig.address(proxy, "tcp"))) {
            byte[] block = new byte[1 << 20];
            for (long sent = 0; sent < size; sent += block.length) {
                wire.socket.getOutputStream().write(block);
            }
            wire.socket.shutdownOutput();
            assertThat(received.get(60, TimeUnit.SECONDS)).isEqualTo(size);
        }
    }

    static long drainSlowly(InputStream in) throws Exception {
        byte[] block = new byte[64 << 10];
        long total = 0;
        int n;
        while ((n = in.read(block)) >= 0) {
            total += n;
            if (total % (16 << 20) < n) {
                java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
            }
        }
        return total;
    }

    @Test
    void aCapturedConnectionGoesToItsOriginalDestination() throws Exception {
        Backend app = answersAfterEnd();
        SocketAddr wanted = new SocketAddr(IpAddress.parse("127.0.0.1"), app.port());
        Proxy proxy = rig.proxy(
                ProxySettings.defaults().withOriginalDestination(channel -> wanted), capturing("passthrough"));
        try (Wire wire = new Wire(Rig.address(proxy, "virtualOutbound"))) {
            wire.socket.shutdownOutput();
            assertThat(wire.rest()).isEqualTo("got 0");
        }
    }

    @Test
    void aConnectionDialledToTheProxyItselfIsNotForwardedToItself() throws Exception {
        Proxy proxy = rig.proxy(
                ProxySettings.defaults().withOriginalDestination(channel -> {
                    var local = (java.net.InetSocketAddress) channel.localAddress();
                    return new SocketAddr(IpAddress.of(local.getAddress()), local.getPort());
                }),
                capturing("passthrough"));
        try (Wire wire = new Wire(Rig.address(proxy, "virtualOutbound"))) {
            assertThat(wire.rest()).isEmpty();
        }
    }

    private static lateen.decision.config.ProxyConfig capturing(String cluster) {
        var plain = Configs.listener(
                "virtualOutbound",
                new lateen.decision.config.ListenerConfig.Inspectors(
                        true, false, false, java.time.Duration.ZERO, false),
                Configs.chain("c", null, Configs.tcp(cluster)));
        return Configs.of(
                List.of(plain), Configs.cluster(cluster, Discovery.ORIGINAL_DST, null, CircuitBreakers.DEFAULT));
    }

    @Test
    void aPortInUseIsRefusedByNameAndTheOldConfigurationStays() throws Exception {
        Backend app = answersAfterEnd();
        Proxy proxy = plain(app.port());
        var taken = new SocketAddr(IpAddress.parse("127.0.0.1"), app.port());
        var old = Configs.listener("tcp2", Configs.NO_INSPECTORS, Configs.chain("c", null, Configs.tcp("app")));
        var clash = new lateen.decision.config.ListenerConfig(
                "tcp2",
                List.of(taken),
                true,
                false,
                old.direction(),
                old.inspectors(),
                old.filterChains(),
                null,
                List.of());
        var acceptance = proxy.accept(Configs.of(List.of(clash), Configs.cluster("app", null, app.port())))
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
        assertThat(acceptance)
                .isInstanceOfSatisfying(
                        Proxy.Acceptance.Rejected.class,
                        rejected -> assertThat(rejected.reason())
                                .contains(
                                        "listener 'tcp2': cannot listen on " + taken, "another program listens there"));
        try (Wire wire = new Wire(Rig.address(proxy, "tcp"))) {
            wire.socket.shutdownOutput();
            assertThat(wire.rest()).isEqualTo("got 0");
        }
    }
}
