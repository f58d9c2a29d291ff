package lateen.xds.source;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.rpc.Code;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.cluster.v3.ClusterDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.endpoint.v3.EndpointDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.listener.v3.ListenerDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.route.v3.RouteDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.secret.v3.SecretDiscoveryServiceGrpc;
import java.util.List;
import java.util.Map;
import lateen.decision.net.IpAddress;
import lateen.xds.ResourceType;
import lateen.xds.client.NodeIdentity;
import org.junit.jupiter.api.Test;

class DeltaRequestTest {

    private static final String URL = ResourceType.CLUSTER.typeUrl();

    @Test
    void a_subscription_is_what_the_generated_message_says() throws Exception {
        DeltaRequest request = DeltaRequest.subscription(URL, List.of("a", "b"), List.of("c"), Map.of("d", "7"))
                .from(ByteString.copyFrom(
                        Node.newBuilder().setId("sidecar").build().toByteArray()));
        assertThat(DeltaDiscoveryRequest.parseFrom(request.bytes()))
                .isEqualTo(DeltaDiscoveryRequest.newBuilder()
                        .setTypeUrl(URL)
                        .setNode(Node.newBuilder().setId("sidecar"))
                        .addResourceNamesSubscribe("a")
                        .addResourceNamesSubscribe("b")
                        .addResourceNamesUnsubscribe("c")
                        .putInitialResourceVersions("d", "7")
                        .build());
    }

    @Test
    void an_answer_carries_the_nonce_and_a_refusal_its_reason() throws Exception {
        DeltaDiscoveryRequest.Builder expected =
                DeltaDiscoveryRequest.newBuilder().setTypeUrl(URL).setResponseNonce("n1");
        assertThat(DeltaDiscoveryRequest.parseFrom(
                        DeltaRequest.answer(URL, "n1", null).bytes()))
                .isEqualTo(expected.build());
        expected.getErrorDetailBuilder().setCode(Code.INVALID_ARGUMENT_VALUE).setMessage("größer");
        assertThat(DeltaDiscoveryRequest.parseFrom(
                        DeltaRequest.answer(URL, "n1", "größer").bytes()))
                .isEqualTo(expected.build());
    }

    @Test
    void a_node_has_its_metadata_in_istios_form() throws Exception {
        NodeIdentity identity = new NodeIdentity(
                "web-1",
                "shop",
                "web",
                List.of(IpAddress.parse("10.0.0.7"), IpAddress.parse("fd00::7")),
                Map.of("app", "web"),
                Map.of("CLUSTER_ID", "one"));
        Struct.Builder metadata = Struct.newBuilder();
        Map.of(
                        "NAME", "web-1",
                        "NAMESPACE", "shop",
                        "SERVICE_ACCOUNT", "web",
                        "INSTANCE_IPS", "10.0.0.7,fd00:0:0:0:0:0:0:7",
                        "ISTIO_VERSION", "1.30.0",
                        "CLUSTER_ID", "one")
                .forEach((name, text) -> metadata.putFields(name, text(text)));
        metadata.putFields(
                "LABELS",
                Value.newBuilder()
                        .setStructValue(Struct.newBuilder().putFields("app", text("web")))
                        .build());
        metadata.putFields(
                "PROXY_CONFIG",
                Value.newBuilder().setStructValue(Struct.getDefaultInstance()).build());
        assertThat(Node.parseFrom(identity.toNode()))
                .isEqualTo(Node.newBuilder()
                        .setId("sidecar~10.0.0.7~web-1.shop~shop.svc.cluster.local")
                        .setCluster("web.shop")
                        .setUserAgentName("lateen")
                        .setMetadata(metadata)
                        .build());
    }

    @Test
    void the_methods_are_envoys() {
        assertThat(Dialect.method(true, null))
                .isEqualTo(AggregatedDiscoveryServiceGrpc.getDeltaAggregatedResourcesMethod()
                        .getFullMethodName());
        assertThat(Dialect.method(false, null))
                .isEqualTo(AggregatedDiscoveryServiceGrpc.getStreamAggregatedResourcesMethod()
                        .getFullMethodName());
        assertThat(List.of(
                        Dialect.method(false, ResourceType.CLUSTER),
                        Dialect.method(true, ResourceType.CLUSTER),
                        Dialect.method(false, ResourceType.ENDPOINT),
                        Dialect.method(true, ResourceType.ENDPOINT),
                        Dialect.method(false, ResourceType.LISTENER),
                        Dialect.method(true, ResourceType.LISTENER),
                        Dialect.method(false, ResourceType.ROUTE),
                        Dialect.method(true, ResourceType.ROUTE),
                        Dialect.method(false, ResourceType.SECRET),
                        Dialect.method(true, ResourceType.SECRET)))
                .containsExactly(
                        ClusterDiscoveryServiceGrpc.getStreamClustersMethod().getFullMethodName(),
                        ClusterDiscoveryServiceGrpc.getDeltaClustersMethod().getFullMethodName(),
                        EndpointDiscoveryServiceGrpc.getStreamEndpointsMethod().getFullMethodName(),
                        EndpointDiscoveryServiceGrpc.getDeltaEndpointsMethod().getFullMethodName(),
                        ListenerDiscoveryServiceGrpc.getStreamListenersMethod().getFullMethodName(),
                        ListenerDiscoveryServiceGrpc.getDeltaListenersMethod().getFullMethodName(),
                        RouteDiscoveryServiceGrpc.getStreamRoutesMethod().getFullMethodName(),
                        RouteDiscoveryServiceGrpc.getDeltaRoutesMethod().getFullMethodName(),
                        SecretDiscoveryServiceGrpc.getStreamSecretsMethod().getFullMethodName(),
                        SecretDiscoveryServiceGrpc.getDeltaSecretsMethod().getFullMethodName());
    }

    private static Value text(String text) {
        return Value.newBuilder().setStringValue(text).build();
    }
}
