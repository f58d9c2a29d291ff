package lateen.xdsserver;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.rpc.Status;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import lateen.xds.ResourceType;

/** A proxy reduced to the messages of its stream. */
final class RawProxy implements StreamObserver<DeltaDiscoveryResponse> {

    private final BlockingQueue<DeltaDiscoveryResponse> responses = new LinkedBlockingQueue<>();
    private final BlockingQueue<io.grpc.Status> ends = new LinkedBlockingQueue<>();
    private final StreamObserver<DeltaDiscoveryRequest> requests;

    RawProxy(ManagedChannel channel) {
        requests = AggregatedDiscoveryServiceGrpc.newStub(channel).deltaAggregatedResources(this);
    }

    static Node node(String namespace, String serviceAccount) {
        return Node.newBuilder()
                .setId("sidecar~10.0.0.1~web-1." + namespace + "~" + namespace + ".svc.cluster.local")
                .setMetadata(Struct.newBuilder()
                        .putFields("NAMESPACE", text(namespace))
                        .putFields("SERVICE_ACCOUNT", text(serviceAccount)))
                .build();
    }

    private static Value text(String value) {
        return Value.newBuilder().setStringValue(value).build();
    }

    DeltaDiscoveryRequest.Builder request(ResourceType type) {
        return DeltaDiscoveryRequest.newBuilder().setNode(node("shop", "web")).setTypeUrl(type.typeUrl());
    }

    void subscribe(ResourceType type, String... names) {
        send(request(type).addAllResourceNamesSubscribe(List.of(names)));
    }

    void reconnect(ResourceType type, Map<String, String> held) {
        send(request(type).putAllInitialResourceVersions(held));
    }

    void send(DeltaDiscoveryRequest.Builder request) {
        requests.onNext(request.build());
    }

    void ack(DeltaDiscoveryResponse response) {
        send(request(ResourceType.of(response.getTypeUrl())).setResponseNonce(response.getNonce()));
    }

    void nack(DeltaDiscoveryResponse response, String reason) {
        send(request(ResourceType.of(response.getTypeUrl()))
                .setResponseNonce(response.getNonce())
                .setErrorDetail(Status.newBuilder().setMessage(reason)));
    }

    DeltaDiscoveryResponse next() throws InterruptedException {
        DeltaDiscoveryResponse response = responses.poll(5, TimeUnit.SECONDS);
        if (response == null) {
            throw new AssertionError("no response within 5 s; stream ended: " + ends);
        }
        return response;
    }

    /** What came, as {@code TYPE +name … -name …}, and acknowledges it. */
    String nextAcked() throws InterruptedException {
        DeltaDiscoveryResponse response = next();
        ack(response);
        return text(response);
    }

    static String text(DeltaDiscoveryResponse response) {
        StringBuilder text =
                new StringBuilder(ResourceType.of(response.getTypeUrl()).name());
        response.getResourcesList().stream()
                .map(Resource::getName)
                .sorted()
                .forEach(n -> text.append(" +").append(n));
        response.getRemovedResourcesList().stream()
                .sorted()
                .forEach(n -> text.append(" -").append(n));
        return text.toString();
    }

    boolean nothingCame() {
        return responses.isEmpty();
    }

    io.grpc.Status end() throws InterruptedException {
        return ends.poll(5, TimeUnit.SECONDS);
    }

    @Override
    public void onNext(DeltaDiscoveryResponse response) {
        responses.add(response);
    }

    @Override
    public void onError(Throwable error) {
        ends.add(io.grpc.Status.fromThrowable(error));
    }

    @Override
    public void onCompleted() {
        ends.add(io.grpc.Status.OK);
    }
}
