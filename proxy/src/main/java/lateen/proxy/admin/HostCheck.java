package lateen.proxy.admin;

import java.util.Locale;
import lateen.decision.net.IpAddress;

/** Whether a Host header names this machine by a name that no one else can give out. */
final class HostCheck {

    private HostCheck() {}

    /** @param host {@code name[:port]}, {@code address[:port]} or {@code [v6 address][:port]}; empty: none was sent */
    static boolean local(String host) {
        String name = host.startsWith("[")
                ? host.substring(1, Math.max(1, host.indexOf(']')))
                : host.indexOf(':') < 0 ? host : host.substring(0, host.indexOf(':'));
        if (name.isEmpty() || name.toLowerCase(Locale.ROOT).equals("localhost")) {
            return host.isEmpty() || !name.isEmpty();
        }
        try {
            return IpAddress.parse(name).isLoopback();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
