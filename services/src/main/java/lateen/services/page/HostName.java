package lateen.services.page;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** Whether a request's {@code Host} (RFC 9110, 7.2) names an address, or this machine. */
final class HostName {
    private HostName() {}

    static boolean allowed(@Nullable String header) {
        if (header == null) {
            return false;
        }
        String host = header;
        int colon = header.lastIndexOf(':');
        if (colon > header.lastIndexOf(']')) {
            if (!header.substring(colon + 1).matches("[0-9]{1,5}")) {
                return false;
            }
            host = header.substring(0, colon);
        }
        if (host.equalsIgnoreCase("localhost")) {
            return true;
        }
        boolean brackets = host.startsWith("[") && host.endsWith("]");
        if (!brackets && host.indexOf(':') >= 0) {
            return false;
        }
        try {
            // Literals only: nothing is looked up.
            InetAddress.ofLiteral(brackets ? host.substring(1, host.length() - 1) : host);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
