package lateen.proxy.accesslog;

import java.util.ArrayList;
import java.util.List;
import lateen.decision.config.AccessLogConfig;
import lateen.decision.request.HeaderName;

/**
 * The access logs of one filter, compiled: formats, targets and the headers they ask for. Immutable; made when a
 * configuration is accepted, used by all event loops.
 *
 * <p>For a request: fill a {@link LogEntry}, call {@link LogEntry#captureRequest} and {@link LogEntry#captureResponse},
 * then {@code entry = log.write(entry)}.
 */
public final class AccessLog {

    private record Output(LogFormat format, LogTarget target) {}

    private final LogThread thread;
    private final List<Output> outputs;
    private final HeaderName[] requestNames;
    private final HeaderName[] responseNames;

    private AccessLog(
            LogThread thread, List<Output> outputs, List<HeaderName> requestNames, List<HeaderName> responseNames) {
        this.thread = thread;
        this.outputs = List.copyOf(outputs);
        this.requestNames = requestNames.toArray(HeaderName[]::new);
        this.responseNames = responseNames.toArray(HeaderName[]::new);
    }

    /**
     * @throws IllegalArgumentException for an unknown operator or a bad format, with its text and position
     */
    public static AccessLog compile(List<AccessLogConfig> configs, LogThread thread) {
        List<HeaderName> requestNames = new ArrayList<>();
        List<HeaderName> responseNames = new ArrayList<>();
        Operators operators = new Operators(requestNames, responseNames);
        List<Output> outputs = new ArrayList<>();
        for (AccessLogConfig config : configs) {
            outputs.add(new Output(LogFormat.compile(config, operators), thread.target(config.path())));
        }
        return new AccessLog(thread, outputs, requestNames, responseNames);
    }

    /** Whether nothing is logged: then there is nothing to capture. */
    public boolean isEmpty() {
        return outputs.isEmpty();
    }

    HeaderName[] requestNames() {
        return requestNames;
    }

    HeaderName[] responseNames() {
        return responseNames;
    }

    int captured() {
        return requestNames.length + responseNames.length;
    }

    /**
     * Hands the entry over to be written, or drops it when the queue is full; never blocks.
     *
     * @return an empty entry for the next request; the one given is no longer the caller's
     */
    public LogEntry write(LogEntry entry) {
        if (outputs.isEmpty()) {
            return entry.clear();
        }
        entry.log = this;
        return thread.submit(entry);
    }

    /** Log thread only. */
    void format(LogEntry entry) {
        for (Output output : outputs) {
            output.target().write(output.format().format(entry));
        }
    }
}
