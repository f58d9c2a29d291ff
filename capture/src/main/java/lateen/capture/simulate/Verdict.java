package lateen.capture.simulate;

import java.net.InetAddress;

/** Where a packet ends up as far as the rules decide it. */
public sealed interface Verdict {
    /** A local port receives it instead of its destination; SO_ORIGINAL_DST still tells that. */
    record Redirected(int port) implements Verdict {}

    /** A transparent listener on this port receives it unchanged. */
    record Intercepted(int port) implements Verdict {}

    /** Another destination receives it, by DNAT. */
    record Translated(InetAddress address, int port) implements Verdict {}

    /** It goes where it was sent. */
    record Passed() implements Verdict {}

    /** It is discarded. */
    record Dropped() implements Verdict {}

    /** It is discarded, and the sender is told. */
    record Rejected() implements Verdict {}

    /** It comes to something that is not understood, and may end there. */
    record Unknown(String what) implements Verdict {}

    /** In a line about the packet's way. */
    default String words() {
        return switch (this) {
            case Redirected(int port) -> ":" + port;
            case Intercepted(int port) -> ":" + port + " (transparent)";
            case Translated(InetAddress address, int port) ->
                (address.getAddress().length == 4
                                ? lateen.capture.model.Cidr.addressText(address)
                                : "[" + lateen.capture.model.Cidr.addressText(address) + "]")
                        + ":" + port;
            case Passed _ -> "untouched";
            case Dropped _ -> "dropped";
            case Rejected _ -> "refused";
            case Unknown(String what) -> "unknown: " + what;
        };
    }
}
