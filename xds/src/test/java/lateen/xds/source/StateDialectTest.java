package lateen.xds.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import lateen.xds.ResourceType;
import org.junit.jupiter.api.Test;

/** The rules of the state-of-the-world variant: versions, nonces, names. */
class StateDialectTest {

    private static final Node NODE = Node.newBuilder().setId("me").build();

    private final StateDialect dialect = new StateDialect(NODE.toByteString(), false, null);

    private DiscoveryRequest want(ResourceType type, Set<String> names, boolean wildcard) throws Exception {
        ByteString request = dialect.want(type, names, wildcard, Map::of);
        return request == null ? null : DiscoveryRequest.parseFrom(request);
    }

    private static DiscoveryResponse response(ResourceType type, String version, String nonce) {
        return DiscoveryResponse.newBuilder()
                .setTypeUrl(type.typeUrl())
                .setVersionInfo(version)
                .setNonce(nonce)
                .build();
    }

    private DiscoveryRequest answer(ResourceType type, String version, String nonce, String refusal) throws Exception {
        return DiscoveryRequest.parseFrom(dialect.answer(type, response(type, version, nonce), refusal));
    }

    @Test
    void aNackKeepsTheVersionAndCarriesTheNonceAndTheReason() throws Exception {
        assertThat(want(ResourceType.CLUSTER, Set.of(), true))
                .isEqualTo(DiscoveryRequest.newBuilder()
                        .setNode(NODE)
                        .setTypeUrl(ResourceType.CLUSTER.typeUrl())
                        .build());
        DiscoveryRequest ack = answer(ResourceType.CLUSTER, "1", "n1", null);
        assertThat(ack.getVersionInfo()).isEqualTo("1");
        assertThat(ack.getResponseNonce()).isEqualTo("n1");
        assertThat(ack.hasErrorDetail()).isFalse();
        DiscoveryRequest nack = answer(ResourceType.CLUSTER, "2", "n2", "no good");
        assertThat(nack.getVersionInfo()).isEqualTo("1");
        assertThat(nack.getResponseNonce()).isEqualTo("n2");
        assertThat(nack.getErrorDetail().getMessage()).isEqualTo("no good");
    }

    @Test
    void eachRequestNamesAllThatIsWantedWithTheLastNonce() throws Exception {
        assertThat(want(ResourceType.ROUTE, Set.of(), false))
                .as("nothing to ask for")
                .isNull();
        assertThat(want(ResourceType.ROUTE, Set.of("b", "a"), false).getResourceNamesList())
                .containsExactly("a", "b");
        assertThat(want(ResourceType.ROUTE, Set.of("a", "b"), false))
                .as("no news")
                .isNull();
        var _ = answer(ResourceType.ROUTE, "1", "n1", null);
        DiscoveryRequest more = want(ResourceType.ROUTE, Set.of("a", "c"), false);
        assertThat(more.getResourceNamesList()).containsExactly("a", "c");
        assertThat(more.getVersionInfo()).isEqualTo("1");
        assertThat(more.getResponseNonce()).isEqualTo("n1");
        assertThat(want(ResourceType.ROUTE, Set.of(), false).getResourceNamesList())
                .isEmpty();
    }

    @Test
    void aNewStreamBeginsWithTheVersionAndWithoutANonce() throws Exception {
        var _ = want(ResourceType.CLUSTER, Set.of(), true);
        var _ = answer(ResourceType.CLUSTER, "7", "n1", null);
        dialect.opened();
        DiscoveryRequest first = want(ResourceType.CLUSTER, Set.of(), true);
        assertThat(first.getVersionInfo()).isEqualTo("7");
        assertThat(first.getResponseNonce()).isEmpty();
        assertThat(first.getNode()).isEqualTo(NODE);
    }

    @Test
    void theNodeMayBeToldOnce() throws Exception {
        StateDialect once = new StateDialect(NODE.toByteString(), true, null);
        assertThat(DiscoveryRequest.parseFrom(once.want(ResourceType.CLUSTER, Set.of(), true, Map::of))
                        .hasNode())
                .isTrue();
        assertThat(DiscoveryRequest.parseFrom(
                                once.answer(ResourceType.CLUSTER, response(ResourceType.CLUSTER, "1", "n"), null))
                        .hasNode())
                .isFalse();
        once.opened();
        assertThat(DiscoveryRequest.parseFrom(once.want(ResourceType.CLUSTER, Set.of(), true, Map::of))
                        .hasNode())
                .isTrue();
    }

    @Test
    void onlyListenersAndClustersAreWhole() {
        for (ResourceType type : ResourceType.values()) {
            assertThat(StateDialect.read(type, "1", List.of()).whole())
                    .as(type.name())
                    .isEqualTo(type == ResourceType.LISTENER || type == ResourceType.CLUSTER);
        }
    }

    @Test
    void aResourceMayBeWrapped() {
        Any plain = Any.pack(Cluster.newBuilder().setName("a").build());
        Any wrapped = Any.pack(Resource.newBuilder()
                .setName("b")
                .setVersion("9")
                .setResource(Any.pack(Cluster.newBuilder().setName("b").build()))
                .build());
        Update update = StateDialect.read(ResourceType.CLUSTER, "1", List.of(plain, wrapped));
        assertThat(update.items()).extracting(Update.Item::name).containsExactly("a", "b");
        assertThat(update.items()).extracting(Update.Item::version).containsExactly("1", "9");
        Any broken = wrapped.toBuilder()
                .setValue(ByteString.copyFromUtf8("\u0001\u0002"))
                .build();
        assertThatThrownBy(() -> StateDialect.read(ResourceType.CLUSTER, "1", List.of(broken)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not a readable");
    }

    @Test
    void bytesThatAreNoMessageHaveNoName() {
        assertThat(StateDialect.name(ByteString.copyFromUtf8("\u00ff\u00ff"))).isEmpty();
        assertThat(StateDialect.name(ByteString.EMPTY)).isEmpty();
    }
}
