package lateen.decision.net;

/**
 * An IP address and a port.
 *
 * @param port 0–65535; 0 means "any" where one is asked for
 */
public record SocketAddr(IpAddress ip, int port) {

    public SocketAddr {
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("port: " + port + " (expected: 0..65535)");
        }
    }

    @Override
    public String toString() {
        return ip.v6() ? "[" + ip + "]:" + port : ip + ":" + port;
    }
}
