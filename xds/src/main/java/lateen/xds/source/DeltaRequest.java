package lateen.xds.source;

import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A {@code DeltaDiscoveryRequest} for the wire; see {@link Written}.
 *
 * @param node {@code Node} as bytes; empty: the server knows it already
 * @param versions held already, by name of the resource
 * @param nonce of the response that is answered; empty: none
 * @param refusal why that response is refused; null: it is not
 */
record DeltaRequest(
        String typeUrl,
        ByteString node,
        Collection<String> subscribe,
        Collection<String> unsubscribe,
        Map<String, String> versions,
        String nonce,
        @Nullable String refusal) {

    static DeltaRequest subscription(
            String typeUrl,
            Collection<String> subscribe,
            Collection<String> unsubscribe,
            Map<String, String> versions) {
        return new DeltaRequest(typeUrl, ByteString.EMPTY, subscribe, unsubscribe, versions, "", null);
    }

    /** An ACK, or a NACK when there is a refusal. */
    static DeltaRequest answer(String typeUrl, String nonce, @Nullable String refusal) {
        return new DeltaRequest(typeUrl, ByteString.EMPTY, List.of(), List.of(), Map.of(), nonce, refusal);
    }

    DeltaRequest from(ByteString sender) {
        return new DeltaRequest(typeUrl, sender, subscribe, unsubscribe, versions, nonce, refusal);
    }

    ByteString bytes() {
        return Written.of(out -> {
            if (!node.isEmpty()) {
                out.writeBytes(DeltaDiscoveryRequest.NODE_FIELD_NUMBER, node);
            }
            out.writeString(DeltaDiscoveryRequest.TYPE_URL_FIELD_NUMBER, typeUrl);
            for (String name : subscribe) {
                out.writeString(DeltaDiscoveryRequest.RESOURCE_NAMES_SUBSCRIBE_FIELD_NUMBER, name);
            }
            for (String name : unsubscribe) {
                out.writeString(DeltaDiscoveryRequest.RESOURCE_NAMES_UNSUBSCRIBE_FIELD_NUMBER, name);
            }
            for (Map.Entry<String, String> each : versions.entrySet()) {
                ByteString version = Written.of(inner -> inner.writeString(2, each.getValue()));
                out.writeBytes(
                        DeltaDiscoveryRequest.INITIAL_RESOURCE_VERSIONS_FIELD_NUMBER,
                        Written.entry(each.getKey(), version));
            }
            if (!nonce.isEmpty()) {
                out.writeString(DeltaDiscoveryRequest.RESPONSE_NONCE_FIELD_NUMBER, nonce);
            }
            if (refusal != null) {
                out.writeMessage(DeltaDiscoveryRequest.ERROR_DETAIL_FIELD_NUMBER, Written.refusal(refusal));
            }
        });
    }
}
