package lateen.proxy.authz;

import lateen.decision.config.HeaderEdits;
import lateen.proxy.Failure;
import lateen.proxy.cluster.Cluster;
import lateen.proxy.grpc.CallFailure;
import lateen.proxy.grpc.UnaryCall;
import lateen.proxy.loop.Worker;
import lateen.proxy.program.ExternalAuthorization;
import lateen.proxy.program.Live;
import lateen.proxy.program.Program;
import lateen.proxy.stats.ProxyMetrics;
import lateen.xds.authz.CheckAnswer;
import lateen.xds.authz.CheckAnswerReader;
import lateen.xds.authz.CheckRequestWriter;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One question to an authorization server. The waiter is told exactly once, perhaps before {@link #start} returns,
 * unless {@link #cancel} came first. Owned by the loop.
 */
public final class Check implements UnaryCall.Caller {
    private static final Logger log = LoggerFactory.getLogger(Check.class);

    /** What waits for the decision. */
    public interface Waiter {
        /**
         * It may pass.
         *
         * @param changes what is to become of the request first
         * @param undecided there was no decision; the configuration lets it pass all the same
         */
        void passed(CheckAnswer.Allowed changes, boolean undecided);

        void refused(Failure failure);
    }

    private final ExternalAuthorization by;
    private final Waiter waiter;
    private @Nullable UnaryCall call;

    private Check(ExternalAuthorization by, Waiter waiter) {
        this.by = by;
        this.waiter = waiter;
    }

    /**
     * @param program the cluster is looked up there
     * @param question the message, complete; it is copied
     */
    public static Check start(
            Live live,
            Worker worker,
            Program program,
            ExternalAuthorization by,
            CheckRequestWriter question,
            Waiter waiter) {
        Check check = new Check(by, waiter);
        Cluster cluster = program.cluster(by.config().cluster());
        if (cluster == null) {
            check.undecided(
                    new CallFailure(CallFailure.Kind.UNAVAILABLE, "there is no such cluster"), 0, HeaderEdits.NONE, "");
        } else {
            check.call = UnaryCall.start(
                    live.pools(worker),
                    worker,
                    cluster,
                    by.method(),
                    question.array(),
                    question.start(),
                    question.size(),
                    check);
        }
        return check;
    }

    /** Nobody waits any more. */
    public void cancel() {
        if (call != null) {
            call.cancel();
        }
    }

    @Override
    public void answered(byte[] message, int start, int length) {
        switch (CheckAnswerReader.read(message, start, length)) {
            case CheckAnswer.Allowed allowed -> {
                by.counters().ok().increment();
                waiter.passed(allowed, false);
            }
            case CheckAnswer.Denied(int status, HeaderEdits headers, String body) -> {
                by.counters().denied().increment();
                waiter.refused(new Failure.ExternallyDenied(status, headers, body));
            }
            case CheckAnswer.Undecided(int status, HeaderEdits headers, String body) ->
                undecided(
                        new CallFailure(CallFailure.Kind.REFUSED, "it answers that it cannot decide"),
                        status,
                        headers,
                        body);
            case CheckAnswer.Malformed(String reason) ->
                undecided(
                        new CallFailure(CallFailure.Kind.REFUSED, "its answer cannot be used: " + reason),
                        0,
                        HeaderEdits.NONE,
                        "");
        }
    }

    @Override
    public void failed(CallFailure failure) {
        undecided(failure, 0, HeaderEdits.NONE, "");
    }

    private void undecided(CallFailure failure, int status, HeaderEdits headers, String body) {
        ProxyMetrics.ExtAuthz counters = by.counters();
        counters.error().increment();
        boolean timeout = failure.kind() == CallFailure.Kind.TIMEOUT;
        if (timeout) {
            counters.timeout().increment();
        }
        boolean pass = by.config().failureModeAllow();
        if (by.limit().mayLog()) {
            log.warn(
                    "ext_authz: cluster {} gives no decision: {}; {}",
                    by.config().cluster(),
                    failure.reason(),
                    pass ? "passed, as failure_mode_allow says" : "refused");
        }
        if (pass) {
            counters.failureModeAllowed().increment();
            waiter.passed(CheckAnswer.Allowed.AS_IT_IS, true);
        } else {
            waiter.refused(new Failure.ExternallyUndecided(
                    status == 0 ? by.config().statusOnError() : status, timeout, headers, body));
        }
    }
}
