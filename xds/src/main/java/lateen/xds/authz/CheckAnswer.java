package lateen.xds.authz;

import java.util.List;
import lateen.decision.config.HeaderEdits;

/**
 * What an authorization server says. Envoy: {@code envoy.service.auth.v3.CheckResponse}; dynamic metadata is accepted
 * and has no effect.
 */
public sealed interface CheckAnswer {

    /**
     * The request may pass.
     *
     * @param request edits of it
     * @param response edits of the answer to it
     * @param setQuery parameters to be set, after the removals
     * @param removeQuery names of parameters
     */
    record Allowed(HeaderEdits request, HeaderEdits response, List<Parameter> setQuery, List<String> removeQuery)
            implements CheckAnswer {
        public static final Allowed AS_IT_IS = new Allowed(HeaderEdits.NONE, HeaderEdits.NONE, List.of(), List.of());

        public Allowed {
            setQuery = List.copyOf(setQuery);
            removeQuery = List.copyOf(removeQuery);
        }

        /** Whether the request stays what it is. */
        public boolean changesNothing() {
            return request.equals(HeaderEdits.NONE) && setQuery.isEmpty() && removeQuery.isEmpty();
        }
    }

    record Parameter(String name, String value) {}

    /**
     * It may not.
     *
     * @param status of the answer to the client, 200 to 599
     */
    record Denied(int status, HeaderEdits headers, String body) implements CheckAnswer {}

    /**
     * The server could not decide.
     *
     * @param status of the answer to the client, 200 to 599; 0: as configured
     */
    record Undecided(int status, HeaderEdits headers, String body) implements CheckAnswer {}

    /**
     * No usable answer.
     *
     * @param reason for the operator
     */
    record Malformed(String reason) implements CheckAnswer {}
}
