package lateen.xdsserver;

import com.google.rpc.Status;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.stub.StreamObserver;
import java.util.Map;
import lateen.identity.SpiffeId;
import lateen.xds.ResourceType;
import lateen.xdsserver.Subscription.Difference;
import org.jspecify.annotations.Nullable;

/** xDS protocol, "State of the World": requests name all that is wanted, responses hold whole resources. */
final class StateStream extends ProxyStream<DiscoveryRequest, DiscoveryResponse, StateSubscription> {

    StateStream(AdsService service, StreamObserver<DiscoveryResponse> responses, @Nullable SpiffeId identity) {
        super(service, responses, identity);
    }

    @Override
    Request read(DiscoveryRequest request) {
        Status error = request.hasErrorDetail() ? request.getErrorDetail() : null;
        return new Request(
                request.getNode(),
                request.getTypeUrl(),
                request.getResponseNonce(),
                request.getResourceNamesList(),
                error);
    }

    @Override
    StateSubscription subscription(ResourceType type) {
        return new StateSubscription(type.wildcardByDefault());
    }

    @Override
    int names(StateSubscription subscription, DiscoveryRequest request) {
        return request.getResourceNamesCount();
    }

    /** The answer to an older response is passed over as a whole: the one to the last response names what is wanted. */
    @Override
    boolean subscribe(ResourceType type, StateSubscription subscription, DiscoveryRequest request, boolean stale) {
        if (!stale) {
            subscription.update(request.getResourceNamesList());
        }
        return !stale;
    }

    @Override
    DiscoveryResponse response(ResourceType type, String nonce, String version, Difference difference) {
        DiscoveryResponse.Builder response = DiscoveryResponse.newBuilder()
                .setTypeUrl(type.typeUrl())
                .setNonce(nonce)
                .setVersionInfo(version);
        difference.resources().forEach(r -> response.addResources(r.body()));
        return response.build();
    }

    /** Likewise a changed listener and its routes; which it names is not known here, so that all are sent. */
    @Override
    void sending(ResourceType type, StateSubscription subscription, Map<String, EncodedResource> resources) {
        super.sending(type, subscription, resources);
        StateSubscription routes = known(ResourceType.ROUTE);
        if (type == ResourceType.LISTENER
                && routes != null
                && !subscription.changed(resources).isEmpty()) {
            routes.tellAgain(routes.told());
        }
    }
}
