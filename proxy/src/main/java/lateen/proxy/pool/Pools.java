package lateen.proxy.pool;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.Set;
import lateen.proxy.cluster.Cluster;
import lateen.proxy.cluster.Host;
import lateen.proxy.loop.Worker;
import org.jspecify.annotations.Nullable;

/** The pools of one loop, by protocol and host. Owned by that loop. */
public final class Pools {
    private final Worker worker;
    private final IdentityHashMap<Host, KeptPool> http1 = new IdentityHashMap<>();
    private final IdentityHashMap<Host, KeptPool> http2 = new IdentityHashMap<>(2);

    public Pools(Worker worker) {
        this.worker = worker;
    }

    /** @param overHttp2 else HTTP/1 */
    public HostPool of(Cluster cluster, Host host, boolean overHttp2) {
        IdentityHashMap<Host, KeptPool> pools = overHttp2 ? http2 : http1;
        KeptPool pool = pools.get(host);
        if (pool == null) {
            pool = overHttp2 ? new Http2Pool(worker, host) : new Http1Pool(worker, host);
            pools.put(host, pool);
        }
        pool.use(cluster);
        return pool;
    }

    /** A plain connection of its own for a CONNECT that ends here. */
    public HostPool tunnel(Cluster cluster, Host host) {
        return new Tunnels(worker, cluster, host);
    }

    /** Closes idle connections to these hosts now, and busy ones when they are given back. On the loop. */
    public void drain(Set<Host> gone) {
        for (Host host : gone) {
            drain(http1.remove(host));
            drain(http2.remove(host));
        }
    }

    private static void drain(@Nullable KeptPool pool) {
        if (pool != null) {
            pool.drain();
        }
    }

    /**
     * Closes what was idle for too long. On the loop.
     *
     * @param now as {@link System#nanoTime}
     */
    public void sweep(long now) {
        sweep(http1, http2, now);
        sweep(http2, http1, now);
    }

    private static void sweep(IdentityHashMap<Host, KeptPool> pools, IdentityHashMap<Host, KeptPool> others, long now) {
        for (KeptPool pool : new ArrayList<>(pools.values())) {
            if (pool.sweep(now)) {
                pools.remove(pool.host);
                if (!others.containsKey(pool.host)) {
                    pool.cluster().forget(pool.host);
                }
            }
        }
    }

    public void closeAll() {
        http1.values().forEach(KeptPool::drain);
        http1.clear();
        http2.values().forEach(KeptPool::drain);
        http2.clear();
    }
}
