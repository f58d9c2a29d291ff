package lateen.proxy.pool;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import lateen.proxy.cluster.Cluster;
import lateen.proxy.cluster.Host;
import lateen.proxy.connection.Downstream;
import lateen.proxy.loop.Worker;

/** The HTTP/1 pools of one loop, by host. Owned by that loop. */
public final class Pools {
    private final Worker worker;
    private final IdentityHashMap<Host, Http1Pool> pools = new IdentityHashMap<>();
    /** Of hosts that are to see whose connection each is. */
    private final Map<Key, Http1Pool> separate = new HashMap<>();

    /** Hosts are told apart by identity. */
    private record Key(Host host, OnBehalf client) {}

    public Pools(Worker worker) {
        this.worker = worker;
    }

    public Http1Pool of(Cluster cluster, Host host) {
        Http1Pool pool = pools.get(host);
        if (pool == null) {
            pool = new Http1Pool(worker, host, null);
            pools.put(host, pool);
        }
        pool.use(cluster);
        return pool;
    }

    /** As {@link #of(Cluster, Host)}; where the host sees whose connection it is, there is a pool for each client. */
    public Http1Pool of(Cluster cluster, Host host, Downstream client) {
        OnBehalf seen = OnBehalf.of(host, client);
        if (seen == null) {
            return of(cluster, host);
        }
        Http1Pool pool = separate.computeIfAbsent(new Key(host, seen), key -> new Http1Pool(worker, host, seen));
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
        separate.entrySet().removeIf(each -> {
            boolean drained = gone.contains(each.getKey().host());
            if (drained) {
                each.getValue().drain();
            }
            return drained;
        });
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
        separate.values().removeIf(pool -> pool.sweep(now));
    }

    public void closeAll() {
        pools.values().forEach(Http1Pool::drain);
        pools.clear();
        separate.values().forEach(Http1Pool::drain);
        separate.clear();
    }
}
