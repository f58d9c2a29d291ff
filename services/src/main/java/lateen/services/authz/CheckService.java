package lateen.services.authz;

import io.envoyproxy.envoy.service.auth.v3.AuthorizationGrpc;
import io.envoyproxy.envoy.service.auth.v3.CheckRequest;
import io.envoyproxy.envoy.service.auth.v3.CheckResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;

/** Envoy's authorization service: the check becomes a question, OPA's answer a response. Any thread. */
final class CheckService extends AuthorizationGrpc.AuthorizationImplBase {

    private record Outcome(CheckResponse response, Verdict verdict) {}

    private final OpaClient opa;
    private final int statusOnFailure;
    private final DecisionLog log;
    private final AuthzMetrics metrics;

    CheckService(OpaClient opa, AuthzSettings settings, AuthzMetrics metrics) {
        this.opa = opa;
        this.statusOnFailure = settings.statusOnFailure();
        this.log = new DecisionLog(settings.log());
        this.metrics = metrics;
    }

    @Override
    public void check(CheckRequest request, StreamObserver<CheckResponse> to) {
        long begun = System.nanoTime();
        CompletableFuture<OpaAnswer> answer = switch (PolicyInput.of(request)) {
            case PolicyInput.Result.Ready(String json) -> opa.ask(json);
            case PolicyInput.Result.Refused(String reason) ->
                CompletableFuture.completedFuture(new OpaAnswer.Failed(reason));
        };
        if (to instanceof ServerCallStreamObserver<CheckResponse> call) {
            // With a handler set, answering a call that the proxy has given up is no error.
            call.setOnCancelHandler(() -> {});
        }
        var _ = answer.whenComplete((said, error) -> {
            Outcome outcome = said != null ? outcome(said) : outcome(new OpaAnswer.Failed("internal: " + error));
            to.onNext(outcome.response());
            to.onCompleted();
            long nanos = System.nanoTime() - begun;
            metrics.record(outcome.verdict(), nanos);
            log.write(request, outcome.verdict(), nanos);
        });
    }

    private Outcome outcome(OpaAnswer answer) {
        return switch (answer) {
            case OpaAnswer.Decided(Decision decision) ->
                new Outcome(
                        Answers.of(decision),
                        decision.allowed()
                                ? new Verdict.Allowed()
                                : new Verdict.Denied("by the policy, status " + decision.httpStatus()));
            case OpaAnswer.Undefined(String path) ->
                new Outcome(
                        Answers.of(Decision.of(false)),
                        new Verdict.Denied("the policy says nothing: undefined at " + path));
            case OpaAnswer.Failed(String reason) ->
                new Outcome(Answers.failure(statusOnFailure, reason), new Verdict.Failed(reason));
        };
    }
}
