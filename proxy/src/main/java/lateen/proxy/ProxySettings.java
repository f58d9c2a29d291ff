package lateen.proxy;

import java.time.Duration;
import java.time.InstantSource;
import lateen.decision.config.OverloadConfig;
import lateen.proxy.listener.KernelOriginalDestination;
import lateen.proxy.listener.OriginalDestination;
import lateen.proxy.overload.DefaultLimits;
import lateen.proxy.stats.MeshPeer;

/**
 * What a proxy is started with.
 *
 * @param workers event loops, 1 or more
 * @param originalDestination where a captured connection wanted to go
 * @param tlsHandshakeTimeout of downstream handshakes; upstream ones count against the cluster's connect timeout
 * @param clock for certificates and access logs
 * @param self the workload that it serves, for the labels of metrics
 * @param upstreamMark of connections to hosts (SO_MARK, needs CAP_NET_ADMIN), by which capture rules know the proxy where
 *     all processes have one user; 0: none
 * @param overload when load is shed
 */
public record ProxySettings(
        int workers,
        OriginalDestination originalDestination,
        Duration tlsHandshakeTimeout,
        InstantSource clock,
        MeshPeer self,
        int upstreamMark,
        OverloadConfig overload) {

    public ProxySettings {
        if (workers < 1) {
            throw new IllegalArgumentException("workers: " + workers + " (expected: 1 or more)");
        }
    }

    /** Two workers, or one on a machine with a single core; destinations as the kernel tells them. */
    public static ProxySettings defaults() {
        return new ProxySettings(
                Math.min(2, Runtime.getRuntime().availableProcessors()),
                new KernelOriginalDestination(),
                Duration.ofSeconds(15),
                InstantSource.system(),
                MeshPeer.UNKNOWN,
                0,
                DefaultLimits.ofThisProcess());
    }

    public ProxySettings withWorkers(int count) {
        return new ProxySettings(count, originalDestination, tlsHandshakeTimeout, clock, self, upstreamMark, overload);
    }

    public ProxySettings withOriginalDestination(OriginalDestination source) {
        return new ProxySettings(workers, source, tlsHandshakeTimeout, clock, self, upstreamMark, overload);
    }

    public ProxySettings withSelf(MeshPeer workload) {
        return new ProxySettings(
                workers, originalDestination, tlsHandshakeTimeout, clock, workload, upstreamMark, overload);
    }

    public ProxySettings withUpstreamMark(int mark) {
        return new ProxySettings(workers, originalDestination, tlsHandshakeTimeout, clock, self, mark, overload);
    }

    public ProxySettings withOverload(OverloadConfig limits) {
        return new ProxySettings(workers, originalDestination, tlsHandshakeTimeout, clock, self, upstreamMark, limits);
    }
}
