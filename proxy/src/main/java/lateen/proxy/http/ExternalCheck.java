package lateen.proxy.http;

import lateen.decision.config.HeaderEdits;
import lateen.decision.request.ByteSlice;
import lateen.decision.request.HeaderName;
import lateen.decision.request.RequestView;
import lateen.proxy.Failure;
import lateen.proxy.authz.Check;
import lateen.proxy.authz.Peers;
import lateen.proxy.connection.Downstream;
import lateen.proxy.http1.KnownHeader;
import lateen.proxy.http1.RequestHead;
import lateen.proxy.http1.ResponseHead;
import lateen.proxy.loop.Worker;
import lateen.proxy.program.Edits;
import lateen.proxy.program.ExternalAuthorization;
import lateen.proxy.program.Live;
import lateen.proxy.program.Program;
import lateen.xds.authz.CheckAnswer;
import lateen.xds.authz.CheckRequestWriter;
import org.jspecify.annotations.Nullable;

/**
 * Asks an authorization server about the present request, and makes the changes that it wants. One for each downstream
 * connection that ever needed it, used again. Owned by the connection's loop.
 */
final class ExternalCheck implements Check.Waiter {
    private static final HeaderName UNDECIDED = HeaderName.of("x-envoy-auth-failure-mode-allowed");
    /** What a server is told of the body that a check was made with; a client must not say it. */
    private static final HeaderName PARTIAL_BODY = HeaderName.of("x-envoy-auth-partial-body");

    private static final byte[] TRUE = {'t', 'r', 'u', 'e'};

    private static final ByteSlice AUTHORITY = ByteSlice.of(":authority");
    private static final ByteSlice METHOD = ByteSlice.of(":method");
    private static final ByteSlice PATH = ByteSlice.of(":path");
    private static final ByteSlice SCHEME = ByteSlice.of(":scheme");

    /** Who asked. */
    interface Asker {
        /** @param changed whether the server changed the request */
        void passed(boolean changed);

        void refused(Failure failure);
    }

    private final Live live;
    private final Worker worker;
    private final RequestHead head;
    private final RequestView view;
    private final Asker asker;
    private final Peers peers;
    private final ByteSlice name = new ByteSlice();
    private final ByteSlice value = new ByteSlice();

    /** All below belong to the present request. */
    private @Nullable ExternalAuthorization by;

    private @Nullable Check check;
    /** Of the questions, which may come one inside the other. */
    private int asked;

    private Edits response = Edits.literal(HeaderEdits.NONE);

    ExternalCheck(Live live, Worker worker, Downstream connection, RequestHead head, RequestView view, Asker asker) {
        this.live = live;
        this.worker = worker;
        this.head = head;
        this.view = view;
        this.asker = asker;
        this.peers = new Peers(connection);
    }

    /**
     * The asker is told exactly once, perhaps before this returns, unless {@link #end} came first.
     *
     * @param began {@link System#nanoTime} of the request's first byte
     * @param protocol {@code HTTP/1.1} …
     */
    void ask(ExternalAuthorization filter, Program program, long began, String protocol) {
        by = filter;
        CheckRequestWriter question = live.question(worker);
        question.begin();
        headers(filter, question);
        question.http(
                peers.source(filter.config().includePeerCertificate()),
                peers.destination(),
                worker.random().nextLong(),
                worker.epochMicros(began),
                view,
                protocol,
                0);
        int number = ++asked;
        check = null;
        Check started = Check.start(live, worker, program, filter, question, this);
        if (by != null && asked == number) {
            check = started;
        }
    }

    private void headers(ExternalAuthorization filter, CheckRequestWriter question) {
        for (int i = head.count() - 1; i >= 0; i--) {
            // Of a repeated header the first line stands for all.
            if (!head.isFirst(i)
                    || head.is(i, KnownHeader.HOST)
                    || head.is(i, KnownHeader.TRANSFER_ENCODING)
                    || head.is(i, PARTIAL_BODY)) {
                continue;
            }
            tell(filter, question, head.name(i, name), head.isLast(i) ? head.value(i, value) : head.joinedAt(i));
        }
        tell(filter, question, SCHEME, view.scheme());
        tell(filter, question, PATH, view.path());
        tell(filter, question, METHOD, view.method());
        tell(filter, question, AUTHORITY, view.authority());
    }

    private static void tell(
            ExternalAuthorization filter, CheckRequestWriter question, ByteSlice header, ByteSlice content) {
        if (filter.tellsAll() || filter.tells(header.toString().toLowerCase(java.util.Locale.ROOT))) {
            question.header(header, content);
        }
    }

    @Override
    public void passed(CheckAnswer.Allowed changes, boolean undecided) {
        ExternalAuthorization asked = by;
        ended();
        if (undecided && asked != null && asked.config().failureModeAllowHeaderAdd()) {
            head.set(UNDECIDED, TRUE);
        }
        if (!changes.request().equals(HeaderEdits.NONE)) {
            Edits.literal(changes.request()).apply(head);
        }
        if (!changes.setQuery().isEmpty() || !changes.removeQuery().isEmpty()) {
            byte[] path = QueryEdit.apply(head.path(), changes);
            head.setPath(path, 0, path.length);
        }
        if (!changes.response().equals(HeaderEdits.NONE)) {
            response = response.and(Edits.literal(changes.response()));
        }
        asker.passed(!changes.changesNothing());
    }

    @Override
    public void refused(Failure failure) {
        ended();
        asker.refused(failure);
    }

    private void ended() {
        by = null;
        check = null;
    }

    /** Makes the changes to the answer that the server asked for. */
    void applyTo(ResponseHead answer) {
        response.apply(answer);
    }

    /** The request is over: a question that is still open is taken back. */
    void end() {
        Check open = check;
        ended();
        if (open != null) {
            open.cancel();
        }
        response = Edits.literal(HeaderEdits.NONE);
    }
}
