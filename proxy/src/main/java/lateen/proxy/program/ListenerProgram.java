package lateen.proxy.program;

import java.util.ArrayList;
import java.util.List;
import lateen.decision.chain.ChainSelector;
import lateen.decision.chain.Selection;
import lateen.decision.config.ListenerConfig;
import lateen.decision.net.SocketAddr;
import lateen.decision.request.ConnectionView;
import lateen.proxy.accesslog.AccessLog;
import lateen.proxy.stats.ProxyMetrics;
import org.jspecify.annotations.Nullable;

/** A listener ready for use. */
public final class ListenerProgram {
    private final ListenerConfig config;
    private final ChainSelector selector;
    private final List<ChainProgram> chains;
    private final @Nullable ChainProgram otherwise;
    private final AccessLog log;
    private final ProxyMetrics metrics;
    private volatile ProxyMetrics.@Nullable Listener counters;

    ListenerProgram(
            ListenerConfig config,
            ChainSelector selector,
            List<ChainProgram> chains,
            @Nullable ChainProgram otherwise,
            AccessLog log,
            ProxyMetrics metrics) {
        this.metrics = metrics;
        this.config = config;
        this.selector = selector;
        this.chains = List.copyOf(chains);
        this.otherwise = otherwise;
        this.log = log;
    }

    public ListenerConfig config() {
        return config;
    }

    /** The same for all listeners of that address, over updates; its name is Envoy's {@code address_port}. */
    public ProxyMetrics.Listener counters() {
        ProxyMetrics.Listener known = counters;
        if (known == null) {
            SocketAddr address = config.addresses().getFirst();
            String ip =
                    address.ip().v6() ? "[" + address.ip() + "]" : address.ip().toString();
            known = metrics.listener(address.isUnix() ? address.path() : ip + "_" + address.port());
            counters = known;
        }
        return known;
    }

    /** For connections that no chain takes. */
    public AccessLog log() {
        return log;
    }

    /** Null: no chain takes it. */
    public @Nullable ChainProgram select(ConnectionView connection) {
        return switch (selector.select(connection)) {
            case Selection.Chain chain -> chains.get(chain.index());
            case Selection.Default ignored -> otherwise;
            case Selection.None ignored -> null;
        };
    }

    List<ChainProgram> all() {
        List<ChainProgram> all = new ArrayList<>(chains);
        if (otherwise != null) {
            all.add(otherwise);
        }
        return all;
    }

    /**
     * Where a connection of {@code old} goes on after an update. Null: nowhere; it is to end after what it is doing.
     */
    @SuppressWarnings("ReferenceEquality") // a chain that was reused is the same object
    public @Nullable ChainProgram successorOf(ChainProgram old) {
        for (ChainProgram each : all()) {
            if (each == old || (each.config().name().equals(old.config().name()) && each.continues(old))) {
                return each;
            }
        }
        return null;
    }
}
