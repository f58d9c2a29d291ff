package lateen.control.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import lateen.control.ca.CertificateAuthority;
import lateen.control.registry.Load;
import lateen.control.translate.RichMesh;
import lateen.control.translate.Shop;
import lateen.identity.SpiffeId;
import lateen.xds.ResourceType;
import lateen.xdsserver.AdsService;
import lateen.xdsserver.EncodedResource;
import lateen.xdsserver.NodeCheck;
import lateen.xdsserver.Observer;
import lateen.xdsserver.ProxyNode;
import lateen.xdsserver.ResourceView;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Envoy's API is the contract, and Envoy the judge of it. */
@Tag("kernel")
class RealEnvoyTest {

    @TempDir
    Path directory;

    @Test
    void a_real_envoy_takes_all_that_a_rich_mesh_becomes_without_a_word() throws Exception {
        CertificateAuthority authority = CertificateAuthority.open(
                directory.resolve("state"), "cluster.local", Duration.ofHours(1), InstantSource.system());
        MeshViews views = new MeshViews(Load.mesh(RichMesh.MESH + Shop.mtls("STRICT")), authority::bundle);
        Answers answers = new Answers();
        AdsService ads =
                new AdsService(node -> withoutSockets(views.viewFor(node)), NodeCheck.anonymousAllowed(), answers);
        Server server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(ads)
                .addService(new RunningEnvoy.Secrets(authority, new SpiffeId("cluster.local", "shop", "catalog")))
                .build()
                .start();
        try (ads;
                RunningEnvoy envoy = new RunningEnvoy(directory, server.getPort())) {
            Set<ResourceType> all =
                    Set.of(ResourceType.CLUSTER, ResourceType.ENDPOINT, ResourceType.LISTENER, ResourceType.ROUTE);
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> answers.taken.containsAll(all) || !answers.refused.isEmpty());
            assertThat(answers.refused).isEmpty();
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> envoy.page("/ready").startsWith("LIVE"));
            assertThat(envoy.log()).isEmpty();
            assertThat(envoy.page("/stats?filter=update_rejected%7Cdeprecated_feature_use")
                            .lines())
                    .isNotEmpty()
                    .allMatch(line -> line.endsWith(": 0"));
            assertThat(envoy.page("/config_dump?resource=dynamic_route_configs"))
                    .contains("outbound|80|v2|catalog.shop.svc.cluster.local", "everything.of-it");
        } finally {
            server.shutdownNow();
        }
    }

    /** So that test runs beside each other do not meet on 15001 and 15006. */
    private static ResourceView withoutSockets(ResourceView view) {
        Map<String, EncodedResource> listeners = new HashMap<>();
        view.resources(ResourceType.LISTENER).forEach((name, encoded) -> {
            try {
                Listener listener = encoded.body().unpack(Listener.class);
                Listener quiet = listener.toBuilder()
                        .setBindToPort(com.google.protobuf.BoolValue.of(false))
                        .build();
                listeners.put(name, EncodedResource.of(name, quiet));
            } catch (com.google.protobuf.InvalidProtocolBufferException e) {
                throw new AssertionError(e);
            }
        });
        return type -> type == ResourceType.LISTENER ? listeners : view.resources(type);
    }

    private static final class Answers implements Observer {
        private final Set<ResourceType> taken = ConcurrentHashMap.newKeySet();
        private final List<String> refused = new CopyOnWriteArrayList<>();

        @Override
        public void acked(ProxyNode node, ResourceType type, String version, Duration sincePush) {
            taken.add(type);
        }

        @Override
        public void nacked(ProxyNode node, ResourceType type, String version, String reason) {
            refused.add(type + ": " + reason);
        }
    }
}
