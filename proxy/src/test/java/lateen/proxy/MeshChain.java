package lateen.proxy;

import java.net.InetSocketAddress;
import java.util.List;
import lateen.decision.config.ClusterConfig.UpstreamHttp;
import lateen.decision.config.HttpFilter;
import lateen.testing.TestAuthority;

/** Two proxies with mTLS between them. */
final class MeshChain {
    private static final String CATALOG = "spiffe://cluster.local/ns/shop/sa/catalog";
    /** The first's service account. */
    static final String FRONTEND = "frontend";

    private MeshChain() {}

    /**
     * HTTP/2 all the way.
     *
     * @param app port of the application behind the second
     * @param allowed the only service account that the second lets in; the first is {@link #FRONTEND}
     * @param log the first proxy's
     * @return where the first listens
     */
    static InetSocketAddress http2(Rig rig, int app, String allowed, LogFile log) throws Exception {
        TestAuthority authority = new TestAuthority("root");
        Proxy inbound = rig.proxy(Configs.of(
                List.of(Configs.listener(
                        "in",
                        Configs.NO_INSPECTORS,
                        Configs.chain(
                                "c",
                                Configs.serverTls(),
                                Configs.http(
                                        Configs.everythingTo("app"),
                                        new HttpFilter.Rbac(
                                                Configs.allowOnly("ns[shop]-policy[only]-rule[0]", allowed)))))),
                Configs.speaking(UpstreamHttp.HTTP2, Configs.cluster("app", null, app))));
        TcpTest.secrets(inbound, authority, "catalog");
        Proxy outbound = rig.proxy(Configs.of(
                List.of(Configs.listener(
                        "http",
                        Configs.NO_INSPECTORS,
                        Configs.chain(
                                "c", null, Configs.logged(Configs.http(Configs.everythingTo("peer")), log.config())))),
                Configs.speaking(
                        UpstreamHttp.HTTP2,
                        Configs.cluster(
                                "peer",
                                Configs.clientTls(List.of("istio", "h2"), CATALOG),
                                Rig.address(inbound, "in").getPort()))));
        TcpTest.secrets(outbound, authority, FRONTEND);
        return Rig.address(outbound, "http");
    }
}
