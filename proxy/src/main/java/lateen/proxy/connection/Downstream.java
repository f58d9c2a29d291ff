package lateen.proxy.connection;

import java.util.List;
import lateen.decision.config.ListenerConfig.OriginalSource;
import lateen.decision.config.ProxyProtocol.Tlv;
import lateen.decision.net.IpAddress;
import lateen.decision.net.SocketAddr;
import lateen.decision.request.ConnectionView;
import lateen.proxy.proxyprotocol.ProxyHeader;
import lateen.proxy.tls.TlsFacts;
import org.jspecify.annotations.Nullable;

/** A downstream connection's facts, filled as they become known. Owned by the connection's loop. */
public final class Downstream implements ConnectionView {
    private final SocketAddr peer;
    private final SocketAddr local;
    private SocketAddr remote;
    private SocketAddr destination;
    private boolean redirected;
    private List<Tlv> additions = List.of();
    private @Nullable OriginalSource originalSource;
    private final long id;
    private final long startNanos;

    private String transportProtocol = "raw_buffer";
    private String serverName = "";
    private List<String> applicationProtocols = List.of();
    private @Nullable TlsFacts tls;
    private boolean verifies;
    private @Nullable IpAddress source;

    /**
     * @param destination where the client wanted to go
     * @param redirected false: the client dialled this proxy itself
     * @param id its number among all connections of this proxy, from 1
     */
    public Downstream(SocketAddr remote, SocketAddr local, SocketAddr destination, boolean redirected, long id) {
        this.id = id;
        this.startNanos = System.nanoTime();
        this.peer = remote;
        this.remote = remote;
        this.local = local;
        this.destination = destination;
        this.redirected = redirected;
    }

    private Downstream(Downstream same) {
        id = same.id;
        startNanos = same.startNanos;
        peer = same.peer;
        remote = same.remote;
        local = same.local;
        destination = same.destination;
        redirected = same.redirected;
        additions = same.additions;
        originalSource = same.originalSource;
    }

    /** The client: the peer, or whom a header of proxy protocol tells. */
    public SocketAddr remote() {
        return remote;
    }

    /** The same connection for requests that run at the same time as others: each has a {@link #source} of its own. */
    public Downstream forStream() {
        Downstream same = new Downstream(this);
        same.transportProtocol = transportProtocol;
        same.serverName = serverName;
        same.applicationProtocols = applicationProtocols;
        same.tls = tls;
        same.verifies = verifies;
        return same;
    }

    /** The other end of the socket. */
    public SocketAddr peer() {
        return peer;
    }

    /** A header of proxy protocol says whose connection this is. Nothing must have been decided by then. */
    public void told(ProxyHeader header) {
        remote = header.source();
        destination = header.destination();
        // Its own address again would be a loop.
        redirected = !destination.equals(local);
        additions = header.tlvs();
    }

    /** Connections to hosts are to come from the client's address. */
    public void keepSource(@Nullable OriginalSource how) {
        originalSource = how;
    }

    /** Null: connections to hosts come from the proxy's own address. */
    public @Nullable OriginalSource originalSource() {
        return originalSource;
    }

    /** What hosts are told of this connection. */
    public ProxyHeader header() {
        return new ProxyHeader(remote, destination, additions);
    }

    /** Of the socket itself. */
    public SocketAddr local() {
        return local;
    }

    public SocketAddr destination() {
        return destination;
    }

    /**
     * The destination where forwarding to it is safe. Null when the client dialled the proxy's own port: forwarding
     * there would be a loop.
     */
    public @Nullable SocketAddr originalDestination() {
        return redirected ? destination : null;
    }

    public long id() {
        return id;
    }

    /** {@link System#nanoTime} of the accept. */
    public long startNanos() {
        return startNanos;
    }

    /** What an inspector saw in the first bytes. */
    public void inspected(String transport, String server, List<String> protocols) {
        transportProtocol = transport;
        serverName = server;
        applicationProtocols = protocols;
    }

    /** Whether no inspector has seen anything in the first bytes. */
    public boolean isUninspected() {
        return transportProtocol.equals("raw_buffer") && applicationProtocols.isEmpty();
    }

    /** @param verified whether this chain verifies the certificates that it is shown */
    public void secured(TlsFacts facts, boolean verified) {
        tls = facts;
        verifies = verified;
    }

    /** Null: plaintext. */
    public @Nullable TlsFacts tls() {
        return tls;
    }

    @Override
    public IpAddress destinationIp() {
        return destination.ip();
    }

    @Override
    public int destinationPort() {
        return destination.port();
    }

    @Override
    public IpAddress directSourceIp() {
        return peer.ip();
    }

    @Override
    public int directSourcePort() {
        return peer.port();
    }

    @Override
    public int sourcePort() {
        return remote.port();
    }

    @Override
    public IpAddress connectionSourceIp() {
        return remote.ip();
    }

    /** @param client as a trusted header of the present request tells it; null: the peer */
    public void source(@Nullable IpAddress client) {
        source = client;
    }

    /** The client, as trusted headers tell it (then without a port), else the peer. */
    public SocketAddr client() {
        IpAddress told = source;
        return told == null ? remote : new SocketAddr(told, 0);
    }

    @Override
    public IpAddress sourceIp() {
        IpAddress told = source;
        return told == null ? remote.ip() : told;
    }

    @Override
    public String transportProtocol() {
        return transportProtocol;
    }

    @Override
    public String serverName() {
        return serverName;
    }

    @Override
    public List<String> applicationProtocols() {
        return applicationProtocols;
    }

    @Override
    public boolean peerAuthenticated() {
        return verifies && tls != null && tls.peerPresent();
    }

    @Override
    public List<String> peerUriNames() {
        return peerAuthenticated() && tls != null ? tls.peerNames() : List.of();
    }
}
