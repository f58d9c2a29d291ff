package lateen.proxy.tcp;

import lateen.proxy.accesslog.LogEntry;
import lateen.proxy.accesslog.ResponseFlag;
import lateen.proxy.cluster.Cluster;
import lateen.proxy.connection.Downstream;
import lateen.proxy.pool.Dialled;
import lateen.proxy.program.Program;
import lateen.proxy.program.TcpProgram;
import lateen.proxy.program.Telemetry;
import lateen.proxy.stats.TcpMetrics;
import lateen.proxy.tls.TlsFacts;
import org.jspecify.annotations.Nullable;

/** What is logged and counted of one TCP session. Owned by the session's loop. */
final class TcpAccount {
    /** As often as Istio reports. */
    private static final long REPORT_NANOS = 5_000_000_000L;

    private final Telemetry telemetry;
    private final boolean atDestination;
    private final Program program;
    private final TcpProgram tcp;
    private final Downstream connection;
    private LogEntry entry;
    private @Nullable TcpDial dial;
    private @Nullable TlsFacts tls;
    private @Nullable TcpMetrics metrics;
    private long reportedAt = System.nanoTime();
    private long reportedReceived;
    private long reportedSent;

    /** @param epochMicros when the connection came */
    TcpAccount(
            Telemetry telemetry,
            boolean atDestination,
            Program program,
            TcpProgram tcp,
            Downstream connection,
            long epochMicros) {
        this.telemetry = telemetry;
        this.atDestination = atDestination;
        this.program = program;
        this.tcp = tcp;
        this.connection = connection;
        this.entry = new LogEntry().begin(connection, connection.startNanos(), epochMicros);
    }

    /** To be filled, until {@link #end}. */
    LogEntry entry() {
        return entry;
    }

    void dialling(TcpDial by) {
        dial = by;
        entry.upstreamCluster = by.clusterName();
        entry.upstreamHost = by.address();
    }

    void connected(Dialled dialled) {
        entry.upstream(dialled.local(), dialled.tls());
        tls = dialled.tls();
    }

    /** A long session is counted as it goes on. */
    void tick(long now) {
        if (now - reportedAt > REPORT_NANOS) {
            reportedAt = now;
            report();
        }
    }

    /** The session is over. The entry belongs to the log then; a late event finds another. */
    void end(@Nullable ResponseFlag flag) {
        entry.flag(flag);
        entry.end(System.nanoTime());
        report();
        metrics().closed();
        entry = tcp.log().write(entry);
    }

    /** Of this session; it counts as opened when they are first asked for. */
    TcpMetrics metrics() {
        TcpMetrics known = metrics;
        if (known == null) {
            Cluster cluster = dial == null ? null : dial.cluster();
            known = atDestination
                    ? telemetry.destinationTcp(program, cluster, connection)
                    : telemetry.sourceTcp(cluster, dial == null ? null : dial.host(), tls);
            metrics = known;
            known.opened();
        }
        return known;
    }

    private void report() {
        TcpMetrics to = metrics();
        to.received(entry.bytesReceived - reportedReceived);
        to.sent(entry.bytesSent - reportedSent);
        reportedReceived = entry.bytesReceived;
        reportedSent = entry.bytesSent;
    }
}
