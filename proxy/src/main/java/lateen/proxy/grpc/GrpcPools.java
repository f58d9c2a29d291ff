package lateen.proxy.grpc;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.Set;
import lateen.proxy.cluster.Cluster;
import lateen.proxy.cluster.Host;
import lateen.proxy.loop.Worker;

/** The gRPC connections of one loop, by host. Owned by that loop. */
public final class GrpcPools {
    private final Worker worker;
    private final IdentityHashMap<Host, GrpcPool> pools = new IdentityHashMap<>(0);

    public GrpcPools(Worker worker) {
        this.worker = worker;
    }

    GrpcPool of(Cluster cluster, Host host) {
        GrpcPool pool = pools.get(host);
        if (pool == null) {
            pool = new GrpcPool(worker, host, this);
            pools.put(host, pool);
        }
        pool.use(cluster);
        return pool;
    }

    /** Connections to these hosts take no more calls and end after those that they have. On the loop. */
    public void drain(Set<Host> gone) {
        for (Host host : gone) {
            GrpcPool pool = pools.remove(host);
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
        if (!pools.isEmpty()) {
            for (GrpcPool pool : new ArrayList<>(pools.values())) {
                if (pool.sweep(now)) {
                    pools.remove(pool.host());
                }
            }
        }
    }

    public void closeAll() {
        new ArrayList<>(pools.values()).forEach(GrpcPool::closeNow);
        pools.clear();
    }
}
