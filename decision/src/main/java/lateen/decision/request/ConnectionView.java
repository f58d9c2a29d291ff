package lateen.decision.request;

import java.util.List;
import lateen.decision.net.IpAddress;

/** A downstream connection as decisions see it. */
public interface ConnectionView {

    /** Where the client wanted to go: the original destination of a captured connection, else the local address. */
    IpAddress destinationIp();

    int destinationPort();

    /** The peer of the connection. */
    IpAddress directSourceIp();

    int directSourcePort();

    /** The client: as {@link #directSourceIp()} unless a trusted header or proxy protocol tells otherwise. */
    IpAddress sourceIp();

    /** The client's port, as proxy protocol tells it; else as {@link #directSourcePort()}. */
    default int sourcePort() {
        return directSourcePort();
    }

    /** The client as proxy protocol tells it, whatever headers say; else as {@link #directSourceIp()}. */
    default IpAddress connectionSourceIp() {
        return directSourceIp();
    }

    /** {@code "tls"} or {@code "raw_buffer"}, as seen on the wire. */
    String transportProtocol();

    /** The ClientHello's server name, lower case; empty: none. */
    String serverName();

    /** The ClientHello's ALPN, or what HTTP inspection found. */
    List<String> applicationProtocols();

    /** Whether the peer showed a certificate that was verified. */
    boolean peerAuthenticated();

    /** URI names of the peer's verified certificate. */
    List<String> peerUriNames();
}
