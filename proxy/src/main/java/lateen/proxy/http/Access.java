package lateen.proxy.http;

import java.util.List;
import java.util.Objects;
import lateen.proxy.Failure;
import lateen.proxy.connection.Downstream;
import lateen.proxy.http1.RequestHead;
import lateen.proxy.http1.RequestHeadView;
import lateen.proxy.http1.ResponseHead;
import lateen.proxy.loop.Worker;
import lateen.proxy.program.Authorization;
import lateen.proxy.program.ExternalAuthorization;
import lateen.proxy.program.HttpProgram;
import lateen.proxy.program.Live;
import lateen.proxy.program.Program;
import lateen.proxy.program.RateLimit;
import lateen.proxy.program.RequestStep;
import lateen.proxy.program.RouteProgram;
import lateen.proxy.program.RouteProgram.CompiledRoute;
import org.jspecify.annotations.Nullable;

/**
 * What a request must pass before it is forwarded: access and rate limits in the order of the filters, with a wait where
 * a server is asked. One for each downstream connection, used again. Owned by the connection's loop.
 */
final class Access implements ExternalCheck.Asker {
    /** Told exactly once for each request, perhaps before {@link #begin} returns, unless {@link #end} came first. */
    interface Outcome {
        void granted();

        void refused(Failure failure);
    }

    private final Live live;
    private final Worker worker;
    private final Downstream connection;
    private final RequestHead head;
    private final RequestHeadView view;
    private final Outcome outcome;
    private final Limited limited = new Limited();
    /** Made when it is first needed. */
    private @Nullable ExternalCheck check;

    /** All below belong to the present request. */
    private @Nullable Program program;

    private @Nullable HttpProgram http;
    private long began;
    private String protocol = "";
    /** The step after the one that is waited for. */
    private int next;
    /** {@link #ahead} is what was found for the request as it is. */
    private boolean routed;

    private @Nullable CompiledRoute ahead;
    private boolean clearRoute;

    Access(Live live, Worker worker, Downstream connection, RequestHead head, RequestHeadView view, Outcome outcome) {
        this.live = live;
        this.worker = worker;
        this.connection = connection;
        this.head = head;
        this.view = view;
        this.outcome = outcome;
    }

    /**
     * @param start {@link System#nanoTime} of the request's first byte
     * @param version {@code HTTP/1.1} …
     */
    void begin(Program by, HttpProgram manager, long start, String version) {
        program = by;
        http = manager;
        began = start;
        protocol = version;
        routed = false;
        ahead = null;
        from(0);
    }

    private void from(int first) {
        List<RequestStep> all = Objects.requireNonNull(http).steps();
        // By index: an iterator for each request would be garbage.
        for (int i = first; i < all.size(); i++) {
            switch (all.get(i)) {
                case Authorization rules -> {
                    Failure denied = rules.check(view);
                    if (denied != null) {
                        outcome.refused(denied);
                        return;
                    }
                }
                case RateLimit limit -> {
                    Failure refused = limited.check(limit, route(), worker.random());
                    if (refused != null) {
                        outcome.refused(refused);
                        return;
                    }
                }
                case ExternalAuthorization external -> {
                    if (external.applies(view)) {
                        next = i + 1;
                        ask(external);
                        return;
                    }
                }
            }
        }
        outcome.granted();
    }

    private void ask(ExternalAuthorization external) {
        // As in Envoy, the route is that of the request as it came, unless the filter says otherwise.
        var _ = route();
        clearRoute = external.config().clearRouteCache();
        ExternalCheck asking = check;
        if (asking == null) {
            asking = new ExternalCheck(live, worker, connection, head, view, this);
            check = asking;
        }
        asking.ask(external, Objects.requireNonNull(program), began, protocol);
    }

    @Override
    public void passed(boolean changed) {
        if (changed && clearRoute) {
            routed = false;
        }
        from(next);
    }

    @Override
    public void refused(Failure failure) {
        outcome.refused(failure);
    }

    /** The route of the request, chosen when it is first asked for; null: there is none. */
    @Nullable
    CompiledRoute route() {
        if (!routed) {
            routed = true;
            RouteProgram routes = Objects.requireNonNull(http).routes(Objects.requireNonNull(program));
            ahead = routes == null ? null : routes.route(view);
        }
        return ahead;
    }

    /** Makes the changes to an answer that a server asked for, and says what is left of a rate limit. */
    void applyTo(ResponseHead answer) {
        if (check != null) {
            check.applyTo(answer);
        }
        limited.tell(answer);
    }

    /** The request is over: a question that is still open is taken back. */
    void end() {
        if (check != null) {
            check.end();
        }
        limited.reset();
    }
}
