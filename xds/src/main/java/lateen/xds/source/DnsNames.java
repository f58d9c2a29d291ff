package lateen.xds.source;

import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import java.time.Duration;

/**
 * Endpoints with host names in the place of addresses.
 *
 * @param assignment named as the endpoints are asked for
 * @param logical of several addresses only the first one counts (LOGICAL_DNS); else each is an endpoint (STRICT_DNS)
 * @param refresh how long an answer is good; more than 0
 * @param failureFirst wait after a first failure, which then grows
 * @param failureLongest longest wait after failures
 */
public record DnsNames(
        ClusterLoadAssignment assignment,
        boolean logical,
        Family family,
        Duration refresh,
        Duration failureFirst,
        Duration failureLongest) {

    /** Envoy: {@code DnsLookupFamily}. */
    public enum Family {
        /** IPv6 addresses when there are any, else IPv4. */
        AUTO,
        V4_ONLY,
        V6_ONLY,
        V4_PREFERRED,
        ALL
    }
}
