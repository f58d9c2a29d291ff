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
import org.jspecify.annotations.Nullable;

/** The pools of one loop, by protocol and host. Owned by that loop. */
public final class Pools {
    private final Worker worker;
    private final IdentityHashMap<Host, KeptPool> http1 = new IdentityHashMap<>();
    private final IdentityHashMap<Host, KeptPool> http2 = new IdentityHashMap<>(2);
    /** Of hosts that are to see whose connection each is. */
    private final Map<Key, KeptPool> separate = new HashMap<>();

    /** Hosts are told apart by identity. */
    private record Key(Host host, boolean http2, OnBehalf client) {}

    public Pools(Worker worker) {
        this.worker = worker;
    }

    /**
     * Where the host sees whose connection it is, there is a pool for each client.
     *
     * @param overHttp2 else HTTP/1
     */
    public HostPool of(Cluster cluster, Host host, boolean overHttp2, Downstream client) {
        OnBehalf seen = OnBehalf.of(host, client);
        KeptPool pool;
        if (seen != null) {
            pool = separate.computeIfAbsent(new Key(host, overHttp2, seen), key -> make(host, overHttp2, seen));
        } else {
            IdentityHashMap<Host, KeptPool> pools = overHttp2 ? http2 : http1;
            pool = pools.get(host);
            if (pool == null) {
                pool = make(host, overHttp2, null);
                pools.put(host, pool);
            }
        }
        pool.use(cluster);
        return pool;
    }

    /** HTTP/2 whatever the cluster speaks, on nobody's behalf. */
    public HostPool shared(Cluster cluster, Host host) {
        KeptPool pool = http2.computeIfAbsent(host, to -> make(to, true, null));
        pool.use(cluster);
        return pool;
    }

    private KeptPool make(Host host, boolean overHttp2, @Nullable OnBehalf client) {
        return overHttp2 ? new Http2Pool(worker, host, client) : new Http1Pool(worker, host, client);
    }

    /** A plain connection of its own for a CONNECT that ends here. */
    public HostPool tunnel(Cluster cluster, Host host, Downstream client) {
        return new Tunnels(worker, cluster, host, OnBehalf.of(host, client));
    }

    /** Closes idle connections to these hosts now, and busy ones when they are given back. On the loop. */
    public void drain(Set<Host> gone) {
        for (Host host : gone) {
            drain(http1.remove(host));
            drain(http2.remove(host));
        }
        separate.entrySet().removeIf(each -> {
            boolean drained = gone.contains(each.getKey().host());
            if (drained) {
                each.getValue().drain();
            }
            return drained;
        });
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
        separate.values().removeIf(pool -> pool.sweep(now));
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
        separate.values().forEach(KeptPool::drain);
        separate.clear();
    }
}
