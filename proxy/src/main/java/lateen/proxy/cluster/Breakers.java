package lateen.proxy.cluster;

import java.util.concurrent.atomic.AtomicLong;
import lateen.decision.config.ClusterConfig.CircuitBreakers;

/**
 * What of a cluster is in use, against its limits. Envoy: circuit breakers at default priority. Survives updates of the
 * cluster; every loop may touch it.
 */
public final class Breakers {
    /** What is limited. */
    public enum Resource {
        CONNECTION,
        PENDING,
        REQUEST,
        RETRY
    }

    private final AtomicLong connections = new AtomicLong();
    private final AtomicLong pending = new AtomicLong();
    private final AtomicLong requests = new AtomicLong();
    private final AtomicLong retries = new AtomicLong();
    private volatile CircuitBreakers limits;

    Breakers(CircuitBreakers limits) {
        this.limits = limits;
    }

    void limits(CircuitBreakers now) {
        limits = now;
    }

    /** Takes one, or says no when the limit is reached. */
    public boolean take(Resource resource) {
        AtomicLong counter = counter(resource);
        if (counter.incrementAndGet() > limit(resource)) {
            counter.decrementAndGet();
            return false;
        }
        return true;
    }

    /** Takes one although the limit may be reached. */
    public void takeAnyway(Resource resource) {
        counter(resource).incrementAndGet();
    }

    /** 1: nothing more is to be had. */
    long open(Resource resource) {
        return used(resource) >= limit(resource) ? 1 : 0;
    }

    public void giveBack(Resource resource) {
        counter(resource).decrementAndGet();
    }

    public long used(Resource resource) {
        return counter(resource).get();
    }

    private AtomicLong counter(Resource resource) {
        return switch (resource) {
            case CONNECTION -> connections;
            case PENDING -> pending;
            case REQUEST -> requests;
            case RETRY -> retries;
        };
    }

    private long limit(Resource resource) {
        CircuitBreakers now = limits;
        return switch (resource) {
            case CONNECTION -> now.maxConnections();
            case PENDING -> now.maxPendingRequests();
            case REQUEST -> now.maxRequests();
            case RETRY -> now.maxRetries();
        };
    }
}
