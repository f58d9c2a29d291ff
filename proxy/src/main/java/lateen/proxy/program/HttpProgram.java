package lateen.proxy.program;

import java.nio.charset.StandardCharsets;
import java.util.List;
import lateen.decision.config.NetworkFilter.HttpConnectionManager;
import lateen.decision.config.NetworkFilter.RouteSource;
import lateen.proxy.accesslog.AccessLog;
import lateen.proxy.http1.HeadLimits;
import lateen.proxy.stats.ProxyMetrics;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP connection manager ready for use.
 *
 * @param steps in order, before the request is forwarded
 * @param inline routes that are part of the listener; null: they are looked up by name for each request, so that an
 *     update of routes does not touch the listener
 */
public record HttpProgram(
        HttpConnectionManager config,
        List<RequestStep> steps,
        @Nullable RouteProgram inline,
        AccessLog log,
        HeadLimits limits,
        ServerName server,
        ProxyMetrics.Http counters) {

    /** Value of the {@code server} header. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record ServerName(byte[] bytes) {
        static ServerName of(String text) {
            return new ServerName(text.getBytes(StandardCharsets.ISO_8859_1));
        }
    }

    /** Null: the named routes are not there. */
    public @Nullable RouteProgram routes(Program program) {
        if (inline != null) {
            return inline;
        }
        return switch (config.routes()) {
            case RouteSource.Named(String name) -> program.routes(name);
            case RouteSource.Inline ignored -> inline;
        };
    }
}
