package lateen.proxy.program;

import java.util.List;
import lateen.decision.config.ExtAuthzConfig;
import lateen.decision.config.RbacConfig;
import lateen.decision.config.StringMatcher;
import lateen.decision.match.TextMatch;
import lateen.decision.rbac.CheckCondition;
import lateen.decision.request.ConnectionView;
import lateen.decision.request.RequestView;
import lateen.proxy.grpc.UnaryCall;
import lateen.proxy.stats.ProxyMetrics;
import org.jspecify.annotations.Nullable;

/** A filter that asks an authorization server. Every loop may use it; {@link lateen.proxy.authz.Check} asks. */
public final class ExternalAuthorization implements AccessStep {
    private static final String CHECK = "/envoy.service.auth.v3.Authorization/Check";

    private final ExtAuthzConfig config;
    private final CheckCondition condition;
    private final TextMatch @Nullable [] allowed;
    private final TextMatch[] disallowed;
    private final UnaryCall.Method method;
    private final ProxyMetrics.ExtAuthz counters;
    private final LogLimit limit = new LogLimit();

    /** @throws IllegalArgumentException saying what cannot be used */
    ExternalAuthorization(ExtAuthzConfig config, List<RbacConfig.Shadow> before, ProxyMetrics.ExtAuthz counters) {
        this.config = config;
        this.condition = CheckCondition.compile(config.condition(), before);
        this.allowed = config.allowedHeaders() == null ? null : compile(config.allowedHeaders());
        this.disallowed = compile(config.disallowedHeaders());
        this.method =
                new UnaryCall.Method(CHECK, config.authority(), config.timeout().toNanos());
        this.counters = counters;
    }

    private static TextMatch[] compile(List<StringMatcher> names) {
        return names.stream().map(TextMatch::compile).toArray(TextMatch[]::new);
    }

    /** Whether the server is asked about it. Allocates nothing. */
    public boolean applies(RequestView request) {
        return condition.applies(request);
    }

    /** As {@link #applies(RequestView)}. */
    public boolean applies(ConnectionView connection) {
        return condition.applies(connection);
    }

    /** Whether the server is told of a header, by its name in lower case. */
    public boolean tells(String name) {
        return (allowed == null || any(allowed, name)) && !any(disallowed, name);
    }

    /** Whether it is told of all headers, so that {@link #tells} need not be asked. */
    public boolean tellsAll() {
        return allowed == null && disallowed.length == 0;
    }

    private static boolean any(TextMatch[] matches, String name) {
        for (TextMatch each : matches) {
            if (each.matches(name)) {
                return true;
            }
        }
        return false;
    }

    public ExtAuthzConfig config() {
        return config;
    }

    public UnaryCall.Method method() {
        return method;
    }

    public ProxyMetrics.ExtAuthz counters() {
        return counters;
    }

    public LogLimit limit() {
        return limit;
    }
}
