package lateen.control;

import java.io.IOException;
import java.net.InetSocketAddress;

/** A port could not be opened; the message names it and says what to look for. */
public final class PortInUse extends IOException {

    PortInUse(InetSocketAddress address, String purpose, Throwable cause) {
        super(
                "port " + address.getPort() + " on " + address.getAddress().getHostAddress() + " (" + purpose
                        + ") cannot be opened: " + rootText(cause)
                        + " (expected: a free port; find the program that has it with: ss -ltnp sport = :"
                        + address.getPort() + ")",
                cause);
    }

    private static String rootText(Throwable cause) {
        Throwable root = cause;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage());
    }
}
