package lateen.proxy.pool;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.Set;
import lateen.proxy.cluster.Cluster;
import lateen.proxy.cluster.Host;
import lateen.proxy.loop.Worker;

/** The HTTP/1 pools of one loop, by host. Owned by that loop. */
public final class Pools {
    private final Worker worker;
    private final IdentityHashMap<Host, Http1Pool> pools = new IdentityHashMap<>();

    public Pools(Worker worker) {
        this.worker = worker;
    }

    public Http1Pool of(Cluster cluster, Host host) {
        Http1Pool pool = pools.get(host);
        if (pool == null) {
            pool = new Http1Pool(worker, host);
            pools.put(host, pool);
        }
        pool.use(cluster);
        return pool;
    }

    /** Closes idle connections to these hosts now, and busy ones when they are given back. On the loop. */
    public void drain(Set<Host> gone) {
        for (Host host : gone) {
            Http1Pool pool = pools.remove(host);
            if (pool != null) {
                pool.drain();
            }
        }
    }

    /**
     * Closes what was idle for too long. On the loop.
     *
     * @param now as {@link System#nanoTime}
     */
    public void sweep(long now) {
        for (Http1Pool pool : new ArrayList<>(pools.values())) {
            if (pool.sweep(now)) {
                pools.remove(pool.host());
                pool.cluster().forget(pool.host());
            }
        }
    }

    public void closeAll() {
        pools.values().forEach(Http1Pool::drain);
        pools.clear();
    }
}
