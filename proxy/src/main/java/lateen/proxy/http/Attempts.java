package lateen.proxy.http;

import lateen.decision.config.RouteConfig.RetryPolicy;
import lateen.decision.request.ByteSlice;
import lateen.proxy.Failure;
import lateen.proxy.cluster.Breakers;
import lateen.proxy.http1.BodyKind;
import lateen.proxy.http1.RequestHead;
import org.jspecify.annotations.Nullable;

/**
 * How often a request was tried and whether it may be tried again. A request is repeated only when the host cannot have
 * acted on it (it was not sent), or when acting twice is the same as once (RFC 9110 section 9.2.2) and no body would
 * have to be sent again.
 */
final class Attempts {
    private @Nullable RetryPolicy policy;
    private int made;
    private boolean staleRetried;
    private int breakersTaken;
    private boolean bodySent;
    private long first;
    private long last;

    void reset() {
        policy = null;
        made = 0;
        staleRetried = false;
        breakersTaken = 0;
        bodySent = false;
        first = 0;
        last = 0;
    }

    void policy(@Nullable RetryPolicy now) {
        policy = now;
    }

    void began(long now) {
        if (made++ == 0) {
            first = now;
        }
        last = now;
    }

    long firstBegan() {
        return first;
    }

    void bodySent() {
        bodySent = true;
    }

    private boolean left() {
        return policy != null && made <= policy.attempts();
    }

    private boolean on(String one, String other, String third) {
        return policy != null
                && (policy.on().contains(one)
                        || policy.on().contains(other)
                        || policy.on().contains(third));
    }

    boolean onConnectFailure(Failure failure) {
        return failure instanceof Failure.ConnectFailed && left() && on("connect-failure", "5xx", "reset");
    }

    /** @param reused the connection had carried requests before; its end then says nothing about this one */
    boolean onReset(boolean reused, boolean answered, RequestHead head, BodyKind kind) {
        if (answered || !mayReplay(head, kind)) {
            return false;
        }
        if (reused && !staleRetried) {
            staleRetried = true;
            return true;
        }
        return left() && (on("reset", "5xx", "gateway-error") || on("reset-before-request", "reset", "5xx"));
    }

    boolean onStatus(int status, RequestHead head) {
        if (policy == null || !left() || !mayReplay(head, BodyKind.NONE)) {
            return false;
        }
        return (status >= 500 && policy.on().contains("5xx"))
                || (status >= 502 && status <= 504 && policy.on().contains("gateway-error"))
                || (policy.on().contains("retriable-status-codes")
                        && policy.statusCodes().contains(status));
    }

    /** Whether the request would have been tried again, had there not been as many tries as the policy allows. */
    boolean exhausted(Failure failure) {
        return policy != null
                && policy.attempts() > 0
                && !left()
                && (failure instanceof Failure.ConnectFailed || failure instanceof Failure.UpstreamReset);
    }

    boolean tryTimedOut(long now) {
        return policy != null
                && !policy.perTryTimeout().isZero()
                && now - last > policy.perTryTimeout().toNanos();
    }

    boolean mayReplay(RequestHead head, BodyKind kind) {
        return !bodySent && kind == BodyKind.NONE && idempotent(head.method());
    }

    private static boolean idempotent(ByteSlice method) {
        return switch (method.length()) {
            case 3 -> is(method, "GET") || is(method, "PUT");
            case 4 -> is(method, "HEAD");
            case 5 -> is(method, "TRACE");
            case 6 -> is(method, "DELETE");
            case 7 -> is(method, "OPTIONS");
            default -> false;
        };
    }

    private static boolean is(ByteSlice method, String name) {
        for (int i = 0; i < name.length(); i++) {
            if (method.at(i) != name.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    boolean take(Breakers breakers) {
        if (breakers.take(Breakers.Resource.RETRY)) {
            breakersTaken++;
            return true;
        }
        return false;
    }

    void giveBack(Breakers breakers) {
        for (; breakersTaken > 0; breakersTaken--) {
            breakers.giveBack(Breakers.Resource.RETRY);
        }
    }
}
