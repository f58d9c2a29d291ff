package lateen.xdsserver;

import com.google.rpc.Status;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.grpc.stub.StreamObserver;
import lateen.identity.SpiffeId;
import lateen.xds.ResourceType;
import lateen.xdsserver.Subscription.Difference;
import org.jspecify.annotations.Nullable;

/** xDS protocol, "Incremental xDS": requests change the subscription, responses hold what changed. */
final class DeltaStream extends ProxyStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse, DeltaSubscription> {

    DeltaStream(AdsService service, StreamObserver<DeltaDiscoveryResponse> responses, @Nullable SpiffeId identity) {
        super(service, responses, identity);
    }

    @Override
    Request read(DeltaDiscoveryRequest request) {
        Status error = request.hasErrorDetail() ? request.getErrorDetail() : null;
        return new Request(
                request.getNode(),
                request.getTypeUrl(),
                request.getResponseNonce(),
                request.getResourceNamesSubscribeList(),
                error);
    }

    @Override
    DeltaSubscription subscription(ResourceType type) {
        return new DeltaSubscription();
    }

    @Override
    int names(DeltaSubscription subscription, DeltaDiscoveryRequest request) {
        return subscription.size()
                + Math.max(request.getResourceNamesSubscribeCount(), request.getInitialResourceVersionsCount());
    }

    /** Changes count whatever the nonce: they say what is added and what goes. */
    @Override
    boolean subscribe(ResourceType type, DeltaSubscription subscription, DeltaDiscoveryRequest request, boolean stale) {
        boolean subscribes = !subscription.started()
                || request.getResourceNamesSubscribeCount() > 0
                || request.getResourceNamesUnsubscribeCount() > 0;
        if (subscribes) {
            subscription.update(
                    request.getResourceNamesSubscribeList(),
                    request.getResourceNamesUnsubscribeList(),
                    request.getInitialResourceVersionsMap(),
                    type.wildcardByDefault());
        }
        return subscribes;
    }

    @Override
    DeltaDiscoveryResponse response(ResourceType type, String nonce, String version, Difference difference) {
        DeltaDiscoveryResponse.Builder response = DeltaDiscoveryResponse.newBuilder()
                .setTypeUrl(type.typeUrl())
                .setNonce(nonce)
                .setSystemVersionInfo(version)
                .addAllRemovedResources(difference.removed());
        for (EncodedResource resource : difference.resources()) {
            response.addResources(Resource.newBuilder()
                    .setName(resource.name())
                    .setVersion(resource.version())
                    .setResource(resource.body()));
        }
        return response.build();
    }
}
