package lateen.services.authz;

import io.envoyproxy.envoy.type.v3.StatusCode;

/** The final statuses that Envoy can send for an authorization server: those of its {@code StatusCode}. */
final class HttpStatuses {
    private HttpStatuses() {}

    static boolean known(int status) {
        return status >= 200 && status <= 599 && StatusCode.forNumber(status) != null;
    }
}
