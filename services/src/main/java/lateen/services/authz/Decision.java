package lateen.services.authz;

import com.google.gson.JsonObject;
import java.util.List;
import java.util.Optional;

/**
 * What a policy said.
 *
 * @param headers to the upstream when allowed, to the client when not
 * @param responseHeadersToAdd to the client's answer when allowed
 * @param httpStatus to the client when not allowed
 * @param dynamicMetadata for Envoy's later filters
 */
record Decision(
        boolean allowed,
        List<Field> headers,
        List<Field> responseHeadersToAdd,
        List<String> requestHeadersToRemove,
        String body,
        int httpStatus,
        List<Field> queryParametersToSet,
        List<String> queryParametersToRemove,
        Optional<JsonObject> dynamicMetadata) {

    static final int DENIED_STATUS = 403;

    /**
     * A header or query parameter.
     *
     * @param further a value after the first of the same name: added to it, not in its place
     */
    record Field(String name, String value, boolean further) {}

    static Decision of(boolean allowed) {
        return new Decision(
                allowed, List.of(), List.of(), List.of(), "", DENIED_STATUS, List.of(), List.of(), Optional.empty());
    }
}
