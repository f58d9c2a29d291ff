package lateen.control.push;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import java.util.List;
import java.util.Map;
import lateen.control.registry.Load;
import lateen.control.translate.RichMesh;
import lateen.control.translate.Shop;
import lateen.identity.SpiffeId;
import lateen.identity.TrustBundle;
import lateen.xds.ResourceType;
import lateen.xds.decode.Decoding;
import lateen.xds.decode.ResourceDecoder;
import lateen.xdsserver.EncodedResource;
import lateen.xdsserver.ProxyNode;
import lateen.xdsserver.ResourceView;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MeshViewsTest {

    private static final TrustBundle ROOTS = TestRoots.bundle();

    private static final String POLICIES = Shop.policy(
                    "allow",
                    "rules: [{from: [{source: {principals: ['*', 'cluster.local/ns/a*', '*/sa/b'], notNamespaces: ['*x', 'y*', z],"
                            + " ipBlocks: [10.0.0.0/8, 'fd33::/64'], remoteIpBlocks: [10.1.1.1]}}], to: [{operation: {hosts:"
                            + " ['*.shop'], ports: ['8080'], notMethods: [POST, 'P*'], paths: ['*', '/a', '*b', '/c*']}}]}]")
            + Shop.policy("deny", "action: DENY, rules: [{to: [{operation: {paths: [/admin]}}]}, {}]");

    @ParameterizedTest
    @ValueSource(strings = {"STRICT", "PERMISSIVE", "DISABLE"})
    void the_sidecars_decoder_takes_every_resource(String mode) {
        ResourceView view =
                views(RichMesh.MESH + Shop.mtls(mode) + POLICIES).viewFor(node("shop", "catalog", "10.33.0.4"));
        int taken = 0;
        for (ResourceType type : ResourceType.values()) {
            for (EncodedResource resource : view.resources(type).values()) {
                assertThat(ResourceDecoder.decode(type, resource.body()))
                        .as("%s %s", type, resource.name())
                        .isInstanceOf(Decoding.Decoded.class);
                taken++;
            }
        }
        assertThat(taken).isGreaterThan(15);
    }

    @Test
    void proxies_that_see_the_same_share_one_view_and_others_share_the_outbound_bytes() {
        MeshViews views = views(Shop.MESH);
        ResourceView one = views.viewFor(node("shop", "client", "10.33.0.2"));
        ResourceView two = views.viewFor(node("shop", "intruder", "10.33.0.9"));
        ResourceView catalog = views.viewFor(node("shop", "catalog", "10.33.0.4"));
        assertThat(one).isSameAs(two);
        assertThat(catalog).isNotEqualTo(one);
        assertThat(catalog.resources(ResourceType.ROUTE).get("80"))
                .isSameAs(one.resources(ResourceType.ROUTE).get("80"));
        assertThat(catalog.resources(ResourceType.CLUSTER)).containsKey("inbound|8080||");
        assertThat(one.resources(ResourceType.CLUSTER)).doesNotContainKey("inbound|8080||");
    }

    @Test
    void an_address_alone_does_not_make_a_proxy_another_ones_workload() {
        ResourceView stranger = views(Shop.MESH).viewFor(node("shop", "client", "10.33.0.4"));
        assertThat(stranger.resources(ResourceType.CLUSTER)).doesNotContainKey("inbound|8080||");
    }

    @Test
    void after_a_change_what_did_not_change_is_the_same_object() {
        MeshViews views = views(Shop.MESH);
        ProxyNode catalog = node("shop", "catalog", "10.33.0.4");
        ResourceView before = views.viewFor(catalog);
        views.publish(Load.mesh(Shop.MESH + Shop.mtls("STRICT")));
        ResourceView after = views.viewFor(catalog);
        for (ResourceType type : ResourceType.values()) {
            before.resources(type).forEach((name, resource) -> {
                if (!name.equals("virtualInbound")) {
                    assertThat(after.resources(type).get(name)).isSameAs(resource);
                }
            });
        }
        assertThat(after.resources(ResourceType.LISTENER).get("virtualInbound").version())
                .isNotEqualTo(before.resources(ResourceType.LISTENER)
                        .get("virtualInbound")
                        .version());
    }

    @Test
    void the_same_configuration_gives_the_same_bytes_whatever_the_order_of_its_objects() {
        List<String> documents = List.of((RichMesh.MESH + POLICIES).split("---\n"));
        String reversed = String.join("---\n", documents.reversed());
        ProxyNode catalog = node("shop", "catalog", "10.33.0.4");
        for (ResourceType type : ResourceType.values()) {
            assertThat(views(reversed).viewFor(catalog).resources(type))
                    .isEqualTo(views(RichMesh.MESH + POLICIES).viewFor(catalog).resources(type));
        }
    }

    private static MeshViews views(String yaml) {
        return new MeshViews(Load.mesh(yaml), () -> ROOTS);
    }

    private static ProxyNode node(String namespace, String account, String ip) {
        Struct metadata = Struct.newBuilder()
                .putAllFields(Map.of("NAMESPACE", text(namespace), "SERVICE_ACCOUNT", text(account)))
                .build();
        return new ProxyNode(
                "sidecar~" + ip + "~x." + namespace + "~" + namespace + ".svc.cluster.local",
                "",
                new SpiffeId("cluster.local", namespace, account),
                metadata);
    }

    private static Value text(String text) {
        return Value.newBuilder().setStringValue(text).build();
    }
}
