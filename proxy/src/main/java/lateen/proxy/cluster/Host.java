package lateen.proxy.cluster;

import io.netty.channel.unix.DomainSocketAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import lateen.decision.config.OutboundProxyProtocol;
import lateen.decision.net.SocketAddr;
import lateen.proxy.outlier.HostMonitor;
import lateen.proxy.tls.ClientTls;
import org.jspecify.annotations.Nullable;

/** One address of a cluster with the transport that leads to it. Counters may be touched by every loop. */
public final class Host {
    private static final AtomicInteger NUMBERS = new AtomicInteger();

    private final SocketAddr address;
    private final SocketAddress socketAddress;
    private final String hostname;
    private final byte[] authority;
    private final Transport transport;
    private final String workload;
    private final @Nullable HostMonitor monitor;
    private final AtomicInteger active = new AtomicInteger();
    private final int number = NUMBERS.getAndIncrement() & Integer.MAX_VALUE;
    final LongAdder connections = new LongAdder();
    final LongAdder connectFailures = new LongAdder();
    final LongAdder requests = new LongAdder();

    Host(SocketAddr address, String hostname, Transport transport, String workload, @Nullable HostMonitor monitor) {
        this.address = address;
        this.hostname = hostname;
        this.authority = hostname.getBytes(StandardCharsets.ISO_8859_1);
        this.socketAddress = address.isUnix()
                // Linux's abstract names begin with a NUL.
                ? new DomainSocketAddress(address.path().replaceFirst("^@", "\0"))
                : new InetSocketAddress(address.ip().toInetAddress(), address.port());
        this.transport = transport;
        this.workload = workload;
        this.monitor = monitor;
    }

    public SocketAddr address() {
        return address;
    }

    public SocketAddress socketAddress() {
        return socketAddress;
    }

    String hostname() {
        return hostname;
    }

    /** Its host name, for requests that are to ask for that; empty: it has none. Not to be written to. */
    public byte[] authority() {
        return authority;
    }

    /** Null: plaintext. */
    public @Nullable ClientTls tls() {
        return transport.tls();
    }

    /** What a connection begins with, before TLS; null: nothing. */
    public @Nullable OutboundProxyProtocol proxyProtocol() {
        return transport.proxyProtocol();
    }

    /** 0 or more; no other host of this process has it. */
    public int number() {
        return number;
    }

    Transport transport() {
        return transport;
    }

    /** Istio's workload metadata; empty: unknown. */
    public String workload() {
        return workload;
    }

    /** Null: its cluster detects no outliers. */
    public @Nullable HostMonitor monitor() {
        return monitor;
    }

    /** Whether it is left out for what it did. */
    public boolean ejected() {
        return monitor != null && monitor.ejected();
    }

    /** Requests or connections in flight, over all loops. */
    public int active() {
        return active.get();
    }

    public void began() {
        active.incrementAndGet();
        requests.increment();
    }

    public void ended() {
        active.decrementAndGet();
    }

    public void connected() {
        connections.increment();
    }

    public void connectFailed() {
        connectFailures.increment();
    }

    public long totalConnections() {
        return connections.sum();
    }

    public long totalConnectFailures() {
        return connectFailures.sum();
    }

    public long totalRequests() {
        return requests.sum();
    }

    @Override
    public String toString() {
        return address.toString();
    }
}
