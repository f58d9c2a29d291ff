package lateen.proxy.listener;

import lateen.proxy.Failure;
import lateen.proxy.accesslog.AccessLog;
import lateen.proxy.accesslog.LogEntry;
import lateen.proxy.connection.Downstream;
import lateen.proxy.loop.Worker;
import lateen.proxy.program.ChainProgram;
import lateen.proxy.program.ListenerProgram;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The access-log line of a connection that is not served. */
final class TurnedAway {
    private static final Logger log = LoggerFactory.getLogger(TurnedAway.class);

    private TurnedAway() {}

    /** No chain takes it. */
    static LogEntry unmatched(Arrived at) {
        Downstream facts = at.connection();
        log.info(
                "listener {}: no filter chain for {} → {} ({}{}): closed",
                at.listener().config().name(),
                facts.remote(),
                facts.destination(),
                facts.transportProtocol(),
                facts.serverName().isEmpty() ? "" : ", server name " + facts.serverName());
        at.listener().counters().noFilterChain().increment();
        Failure none = new Failure.NoFilterChain();
        LogEntry entry = new LogEntry();
        entry.flag(none.flag());
        entry.responseCodeDetails = none.details();
        return entry;
    }

    /** Not let in. */
    static LogEntry denied(Failure failure) {
        LogEntry entry = new LogEntry();
        entry.flag(failure.flag());
        entry.connectionTerminationDetails = failure.details();
        return entry;
    }

    /** @param transportFailure what went wrong in the handshake; empty: nothing */
    static LogEntry because(String termination, String transportFailure) {
        LogEntry entry = new LogEntry();
        entry.connectionTerminationDetails = termination;
        entry.downstreamTransportFailureReason = transportFailure;
        return entry;
    }

    /** @param chain null: none was chosen yet, so that the listener's own log has the line */
    static void write(
            LogEntry entry,
            Downstream connection,
            ListenerProgram listener,
            @Nullable ChainProgram chain,
            Worker worker) {
        AccessLog to = chain == null
                ? listener.log()
                : switch (chain.terminal()) {
                    case ChainProgram.Terminal.Tcp(var tcp) -> tcp.log();
                    case ChainProgram.Terminal.Http(var http) -> http.log();
                };
        long now = System.nanoTime();
        entry.begin(connection, connection.startNanos(), worker.epochMicros(connection.startNanos()));
        entry.end(now);
        to.write(entry);
    }
}
