package lateen.decision.net;

/**
 * An IP address and a port, or the path of a unix socket. Envoy: {@code config.core.v3.Address}.
 *
 * @param ip {@link IpAddress#NONE} with a path
 * @param port 0–65535; 0 means "any" where one is asked for
 * @param path of a unix socket, {@code @name} for one of Linux's abstract names; empty: this is an IP address
 */
public record SocketAddr(IpAddress ip, int port, String path) {

    public SocketAddr {
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("port: " + port + " (expected: 0..65535)");
        }
    }

    public SocketAddr(IpAddress ip, int port) {
        this(ip, port, "");
    }

    /** A unix socket; an empty path is that of a client, which has none. */
    public static SocketAddr unix(String path) {
        return new SocketAddr(IpAddress.NONE, 0, path);
    }

    public boolean isUnix() {
        return ip.equals(IpAddress.NONE);
    }

    @Override
    public String toString() {
        return isUnix() ? path.isEmpty() ? "@" : path : ip.v6() ? "[" + ip + "]:" + port : ip + ":" + port;
    }
}
