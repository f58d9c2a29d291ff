package lateen.proxy.program;

import io.netty.buffer.PooledByteBufAllocator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import lateen.proxy.ProxySettings;
import lateen.proxy.loop.Worker;
import lateen.proxy.overload.Overload;
import lateen.proxy.pool.Pools;
import lateen.proxy.tls.SecretStore;
import lateen.xds.authz.CheckRequestWriter;

/** What a running proxy consists of. The program is swapped by one write; each request reads it once. */
public final class Live {
    private final ProxySettings settings;
    private final Telemetry telemetry;
    private final Overload overload;
    private final SecretStore secrets = new SecretStore();
    private final List<Worker> workers;
    private final List<Pools> pools;
    private final List<CheckRequestWriter> questions;
    private final AtomicLong connections = new AtomicLong();
    private volatile Program program = Program.EMPTY;

    /** @param allocator of all workers */
    public Live(ProxySettings settings, List<Worker> workers, PooledByteBufAllocator allocator) {
        this.settings = settings;
        this.telemetry = new Telemetry(settings.self());
        this.overload = new Overload(settings.overload(), telemetry.stats(), allocator);
        this.workers = List.copyOf(workers);
        this.pools = workers.stream().map(Pools::new).toList();
        this.questions =
                workers.stream().map(worker -> new CheckRequestWriter()).toList();
    }

    public Program program() {
        return program;
    }

    public void swap(Program next) {
        program = next;
    }

    /** A number for a connection, from 1. */
    public long nextConnection() {
        return connections.incrementAndGet();
    }

    public ProxySettings settings() {
        return settings;
    }

    public Telemetry telemetry() {
        return telemetry;
    }

    /** Whether load is shed at present. */
    public Overload overload() {
        return overload;
    }

    public SecretStore secrets() {
        return secrets;
    }

    public List<Worker> workers() {
        return workers;
    }

    /** Where this worker writes what it asks an authorization server. */
    public CheckRequestWriter question(Worker worker) {
        return questions.get(worker.index());
    }

    /** The connections to hosts that belong to this worker. */
    public Pools pools(Worker worker) {
        return pools.get(worker.index());
    }
}
