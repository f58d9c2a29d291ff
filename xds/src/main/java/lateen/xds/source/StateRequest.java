package lateen.xds.source;

import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * A {@code DiscoveryRequest} for the wire; see {@link Written}.
 *
 * @param version last accepted; empty: none yet
 * @param node {@code Node} as bytes; empty: the server knows it already
 * @param names all that are subscribed to; none: all there are
 * @param nonce of the response that is answered; empty: none
 * @param refusal why that response is refused; null: it is not
 */
record StateRequest(
        String typeUrl,
        String version,
        ByteString node,
        Collection<String> names,
        String nonce,
        @Nullable String refusal) {

    ByteString bytes() {
        return Written.of(out -> {
            if (!version.isEmpty()) {
                out.writeString(DiscoveryRequest.VERSION_INFO_FIELD_NUMBER, version);
            }
            if (!node.isEmpty()) {
                out.writeBytes(DiscoveryRequest.NODE_FIELD_NUMBER, node);
            }
            for (String name : names) {
                out.writeString(DiscoveryRequest.RESOURCE_NAMES_FIELD_NUMBER, name);
            }
            out.writeString(DiscoveryRequest.TYPE_URL_FIELD_NUMBER, typeUrl);
            if (!nonce.isEmpty()) {
                out.writeString(DiscoveryRequest.RESPONSE_NONCE_FIELD_NUMBER, nonce);
            }
            if (refusal != null) {
                out.writeMessage(DiscoveryRequest.ERROR_DETAIL_FIELD_NUMBER, Written.refusal(refusal));
            }
        });
    }
}
