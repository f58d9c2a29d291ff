package lateen.proxy.listener;

import java.util.List;
import lateen.proxy.Failure;
import lateen.proxy.authz.Check;
import lateen.proxy.authz.Peers;
import lateen.proxy.connection.Downstream;
import lateen.proxy.loop.Worker;
import lateen.proxy.program.AccessStep;
import lateen.proxy.program.Authorization;
import lateen.proxy.program.ExternalAuthorization;
import lateen.proxy.program.Live;
import lateen.proxy.program.Program;
import lateen.xds.authz.CheckAnswer;
import lateen.xds.authz.CheckRequestWriter;
import org.jspecify.annotations.Nullable;

/**
 * Authorization of a connection: the access steps of its chain, in their order. The outcome is told exactly once, perhaps
 * before {@link #start} returns, unless {@link #cancel} came first. Owned by the connection's loop.
 */
final class Admission implements Check.Waiter {

    /** Who waits for the decision. */
    interface Outcome {
        /** A server is asked: the decision comes later. */
        void asking();

        void admitted();

        void denied(Failure failure);
    }

    private final Live live;
    private final Worker worker;
    private final Program program;
    private final Downstream connection;
    private final List<AccessStep> steps;
    private final Outcome outcome;
    private @Nullable Check check;
    /** Of the steps, the one after that which is waited for. */
    private int next;

    private boolean cancelled;

    Admission(
            Live live, Worker worker, Program program, Downstream connection, List<AccessStep> steps, Outcome outcome) {
        this.live = live;
        this.worker = worker;
        this.program = program;
        this.connection = connection;
        this.steps = steps;
        this.outcome = outcome;
    }

    void start() {
        goOn(0);
    }

    /** Nobody waits any more. */
    void cancel() {
        cancelled = true;
        if (check != null) {
            check.cancel();
        }
    }

    private void goOn(int from) {
        for (int i = from; i < steps.size(); i++) {
            switch (steps.get(i)) {
                case Authorization rules -> {
                    Failure.Denied denied = rules.check(connection);
                    if (denied != null) {
                        outcome.denied(denied);
                        return;
                    }
                }
                case ExternalAuthorization external -> {
                    if (external.applies(connection)) {
                        next = i + 1;
                        ask(external);
                        return;
                    }
                }
            }
        }
        outcome.admitted();
    }

    private void ask(ExternalAuthorization external) {
        outcome.asking();
        Peers peers = new Peers(connection);
        CheckRequestWriter question = live.question(worker);
        question.begin();
        question.connection(peers.source(external.config().includePeerCertificate()), peers.destination());
        check = Check.start(live, worker, program, external, question, this);
    }

    @Override
    public void passed(CheckAnswer.Allowed changes, boolean undecided) {
        if (!cancelled) {
            goOn(next);
        }
    }

    @Override
    public void refused(Failure failure) {
        if (!cancelled) {
            outcome.denied(failure);
        }
    }
}
