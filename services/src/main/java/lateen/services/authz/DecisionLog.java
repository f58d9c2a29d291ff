package lateen.services.authz;

import io.envoyproxy.envoy.service.auth.v3.AttributeContext;
import io.envoyproxy.envoy.service.auth.v3.CheckRequest;
import java.util.Locale;
import lateen.services.authz.AuthzSettings.Logged;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One line for each decision of the chosen kinds: who, what, to whom, why, how long. No header and no query gets into it,
 * so no credential does.
 */
final class DecisionLog {
    private static final Logger LOG = LoggerFactory.getLogger("lateen.authz");

    private final Logged level;

    DecisionLog(Logged level) {
        this.level = level;
    }

    void write(CheckRequest request, Verdict verdict, long nanos) {
        switch (verdict) {
            case Verdict.Allowed() -> {
                if (level.compareTo(Logged.ALL) >= 0) {
                    LOG.info(line("allowed", request, "by the policy", nanos));
                }
            }
            case Verdict.Denied(String reason) -> {
                if (level.compareTo(Logged.DENIALS) >= 0) {
                    LOG.info(line("denied", request, reason, nanos));
                }
            }
            case Verdict.Failed(String reason) -> {
                if (level.compareTo(Logged.FAILURES) >= 0) {
                    LOG.warn(line("refused", request, reason, nanos));
                }
            }
        }
    }

    static String line(String what, CheckRequest request, String reason, long nanos) {
        AttributeContext attributes = request.getAttributes();
        AttributeContext.HttpRequest http = attributes.getRequest().getHttp();
        String path = http.getPath();
        int end = path.indexOf('?');
        return String.format(
                Locale.ROOT,
                "%s %s %s%s from %s to %s id %s: %s (%.1f ms)",
                what,
                Printable.of(http.getMethod()),
                Printable.of(http.getHost()),
                Printable.of(end < 0 ? path : path.substring(0, end) + "?..."),
                who(attributes.getSource()),
                who(attributes.getDestination()),
                http.getId().isEmpty() ? "-" : Printable.of(http.getId()),
                Printable.of(reason),
                nanos / 1e6);
    }

    private static String who(AttributeContext.Peer peer) {
        if (!peer.getPrincipal().isEmpty()) {
            return Printable.of(peer.getPrincipal());
        }
        String address = peer.getAddress().getSocketAddress().getAddress();
        return address.isEmpty() ? "unknown" : Printable.of(address);
    }
}
