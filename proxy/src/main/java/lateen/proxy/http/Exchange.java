package lateen.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Objects;
import lateen.decision.config.HeaderEdits;
import lateen.decision.config.RouteConfig.RetryPolicy;
import lateen.decision.config.RouteConfig.RouteAction;
import lateen.decision.request.ByteSlice;
import lateen.proxy.Failure;
import lateen.proxy.accesslog.LogEntry;
import lateen.proxy.cluster.Cluster;
import lateen.proxy.connection.Downstream;
import lateen.proxy.http1.BodyKind;
import lateen.proxy.http1.HeaderLines;
import lateen.proxy.http1.KnownHeader;
import lateen.proxy.http1.RequestHead;
import lateen.proxy.http1.RequestHeadView;
import lateen.proxy.http1.ResponseHead;
import lateen.proxy.loop.Worker;
import lateen.proxy.program.Edits;
import lateen.proxy.program.HttpProgram;
import lateen.proxy.program.Live;
import lateen.proxy.program.Program;
import lateen.proxy.program.RouteProgram.CompiledRoute;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer: authorization → route → cluster → {@link Upstream} → response. One for each downstream
 * connection, used again. Whatever happens, it ends once, in {@link #finish}, with one access-log entry.
 *
 * <p>Buffers: payload handed in is written on or released. Back-pressure: either side stops reading while the other
 * cannot take more. Owned by the connection's loop.
 */
final class Exchange implements Access.Outcome {
    private final ClientStream down;
    private final Live live;
    private final Worker worker;
    private final Downstream connection;
    private final RequestHead head;
    private final RequestHeaders headers;
    private final RequestHeadView view;
    /** For an answer made here; null: there was none lately. */
    private @Nullable ResponseHead own;

    private final Access access;
    private final ExchangeAccount account;
    private final Upstream upstream;

    /** All below belong to the present request. */
    private @Nullable Program program;

    private @Nullable HttpProgram http;
    private @Nullable CompiledRoute route;
    private BodyKind bodyKind = BodyKind.NONE;
    /** Bytes of the head as they were counted last. */
    private int heldHead;

    private boolean active;
    private boolean understood;
    private boolean upgrade;
    private boolean responseStarted;
    private boolean tunnel;
    private boolean expects;

    Exchange(
            ClientStream down,
            Live live,
            Worker worker,
            Downstream connection,
            RequestHead head,
            boolean atDestination) {
        this.down = down;
        this.live = live;
        this.worker = worker;
        this.connection = connection;
        this.head = head;
        this.headers = new RequestHeaders(connection, worker);
        this.view = new RequestHeadView(head, connection, connection.tls() != null);
        this.access = new Access(live, worker, connection, head, view, this);
        this.account = new ExchangeAccount(live, worker, connection, view, atDestination);
        this.upstream = new Upstream(this, down, live, worker, connection, head, account);
    }

    /** The first byte of a request has come. */
    void received(long now) {
        account.begin(now);
    }

    /** The head has grown; false: there is no room for it. */
    boolean holdHead() {
        int now = head.memory();
        if (!live.overload().heads().resize(heldHead, now)) {
            return false;
        }
        heldHead = now;
        return true;
    }

    private void letHeadGo() {
        live.overload().heads().resize(heldHead, 0);
        heldHead = 0;
    }

    /** There is no room for what comes. */
    private void shedBytes(ByteBuf piece) {
        piece.release();
        if (active) {
            Objects.requireNonNull(http).counters().overloadRequests().increment();
            down.closeAfter();
            fail(new Failure.Overloaded());
        }
    }

    /** A request that cannot be understood, or came too late. */
    void refuse(HttpProgram by, Failure failure) {
        reset(by);
        down.closeAfter();
        connection.source(null);
        // Of a head that is not understood nothing is quoted.
        account.entry().protocol = head.protocol().text();
        fail(failure);
    }

    private void reset(HttpProgram by) {
        http = by;
        program = null;
        route = null;
        active = true;
        understood = false;
        upgrade = false;
        responseStarted = false;
        tunnel = false;
        expects = false;
        upstream.reset();
    }

    /** The head is complete. */
    void begin(Program by, HttpProgram manager, BodyKind kind) {
        reset(manager);
        program = by;
        bodyKind = kind;
        understood = true;
        account.entry().protocol = head.protocol().text();
        account.request(head);
        expects = head.expectsContinue();
        Failure refusal = shed(manager);
        if (refusal == null) {
            refusal = prepare(manager);
        }
        if (refusal != null) {
            fail(refusal);
        } else {
            LogEntry entry = account.entry();
            access.begin(by, manager, entry.startNanos, Objects.requireNonNull(entry.protocol));
        }
    }

    @Override
    public void granted() {
        dispatch();
        settle();
    }

    @Override
    public void refused(Failure failure) {
        // As in Envoy, its edits of answers count for a refusal too.
        route(access.route());
        fail(failure);
        settle();
    }

    /** After a wait no read is going on that ends with what is written being sent. */
    private void settle() {
        if (!down.reading()) {
            flush();
        }
    }

    private @Nullable CompiledRoute route(@Nullable CompiledRoute chosen) {
        route = chosen;
        account.entry().routeName = chosen == null ? null : chosen.route().name();
        return chosen;
    }

    private void dispatch() {
        CompiledRoute chosen = route(access.route());
        if (chosen == null) {
            fail(new Failure.NoRoute());
            return;
        }
        switch (chosen.route().action()) {
            case RouteAction.DirectResponse direct ->
                answer(new Answers.Answer(direct.status(), direct.body()), "direct_response", null, HeaderEdits.NONE);
            case RouteAction.Redirect redirect ->
                answer(
                        new Answers.Answer(redirect.status(), ""),
                        "direct_response",
                        Redirects.location(redirect, chosen, view),
                        HeaderEdits.NONE);
            case RouteAction.Forward to -> {
                if (expects && bodyKind != BodyKind.NONE) {
                    // Only now, when nothing stands against the request any more.
                    down.continueBody();
                }
                forward(to, chosen);
            }
        }
    }

    private @Nullable Failure shed(HttpProgram manager) {
        if (!holdHead() || live.overload().stopsRequest() || live.overload().exhausted()) {
            manager.counters().overloadRequests().increment();
            return new Failure.Overloaded();
        }
        return null;
    }

    private @Nullable Failure prepare(HttpProgram manager) {
        if (head.isConnect() && !manager.config().upgrades().contains("connect")) {
            return new Failure.UpgradeRefused();
        }
        if (head.upgrade()) {
            String protocol = head.joined(KnownHeader.UPGRADE).toString().toLowerCase(Locale.ROOT);
            upgrade = manager.config().upgrades().contains(protocol);
            if (!upgrade && !protocol.equals("h2c")) {
                return new Failure.UpgradeRefused();
            }
        }
        if (!head.isConnect()
                && (manager.config().normalizePath() || manager.config().mergeSlashes())
                && !PathNormal.apply(
                        head, manager.config().normalizePath(), manager.config().mergeSlashes())) {
            return new Failure.BadRequest(400, "path_normalization_failed");
        }
        headers.apply(head, manager.config(), upgrade);
        return null;
    }

    private void forward(RouteAction.Forward to, CompiledRoute chosen) {
        String name = Objects.requireNonNull(chosen.clusters())
                .pick(worker.random().nextLong())
                .name();
        account.entry().upstreamCluster = name;
        Cluster found = Objects.requireNonNull(program).cluster(name);
        if (found == null) {
            fail(new Failure.NoCluster(name));
            return;
        }
        RetryPolicy retry = to.retry() != null ? to.retry() : chosen.host().retry();
        if (!upstream.enter(found, to, retry, bodyKind)) {
            fail(new Failure.Overflow(name));
            return;
        }
        chosen.requestEdits().apply(head);
        if (chosen.rewrite() != null) {
            ByteSlice path = head.path();
            head.set(KnownHeader.X_ENVOY_ORIGINAL_PATH, path);
            path = head.path();
            byte[] rewritten = new byte[chosen.rewrite().length(path)];
            head.setPath(rewritten, 0, chosen.rewrite().write(path, rewritten, 0));
        }
        if (to.hostRewrite() != null) {
            byte[] authority = to.hostRewrite().getBytes(StandardCharsets.ISO_8859_1);
            head.setAuthority(authority, 0, authority.length);
        }
        upstream.attempt();
    }

    /** A piece of the request's body, or of a tunnel. */
    void requestPayload(ByteBuf piece) {
        if (live.overload().exhausted()) {
            shedBytes(piece);
            return;
        }
        upstream.requestPayload(piece);
    }

    void requestTrailers(HeaderLines trailers) {
        upstream.requestTrailers(trailers);
    }

    void requestEnd() {
        upstream.requestEnd();
    }

    /** A 1xx head; the final one follows. */
    void interim(ResponseHead response) {
        if (response.status() != 100) {
            response.removeHopByHop(false);
            down.interim(response);
        }
    }

    /** The host's answer. */
    void response(ResponseHead response, BodyKind kind) {
        responseStarted = true;
        LogEntry entry = account.entry();
        entry.responseCode = response.status();
        entry.responseNanos = upstream.lastMoved() - entry.startNanos;
        tunnel = kind == BodyKind.TUNNEL;
        response.removeHopByHop(tunnel);
        HttpProgram by = Objects.requireNonNull(http);
        ResponseHeaders.apply(response, by, Objects.requireNonNull(route), upstream.serviceMillis());
        access.applyTo(response);
        account.answered(response);
        entry.captureResponse(by.log(), response);
        down.head(response, kind);
        if (tunnel) {
            down.tunnelling();
        }
    }

    boolean responseStarted() {
        return responseStarted;
    }

    /** A piece of the answer's body, or of a tunnel. */
    void responsePayload(ByteBuf piece) {
        if (!active) {
            piece.release();
            return;
        }
        if (live.overload().exhausted()) {
            shedBytes(piece);
            return;
        }
        account.entry().bytesSent += piece.readableBytes();
        down.payload(piece);
        if (!down.isWritable()) {
            upstream.reading(false);
        }
    }

    void responseTrailers(HeaderLines trailers) {
        if (active) {
            account.answered(trailers);
            down.answerTrailers(trailers);
        }
    }

    void responseEnd() {
        down.end();
        finish(null);
    }

    void downstreamWritable(boolean can) {
        upstream.reading(can);
    }

    void clientGone() {
        if (active) {
            fail(new Failure.ClientGone());
        }
    }

    /** Ends the exchange with an answer, or with an abrupt end where one has begun. */
    void fail(Failure failure) {
        if (!active) {
            return;
        }
        LogEntry entry = account.entry();
        entry.flag(failure.flag());
        if (responseStarted) {
            entry.responseCodeDetails = failure.details();
            finish(failure);
            return;
        }
        Answers.Answer answer = Answers.of(failure, upstream.retried());
        if (failure instanceof Failure.BadRequest || failure instanceof Failure.UpgradeRefused) {
            // What follows may be meant for the other protocol: it must not be taken for a request.
            down.closeAfter();
        }
        if (answer.status() == 0) {
            entry.responseCodeDetails = failure.details();
            finish(failure);
        } else {
            answer(answer, failure.details(), null, Answers.edits(failure));
        }
    }

    private ResponseHead own() {
        ResponseHead known = own;
        if (known == null) {
            known = new ResponseHead();
            own = known;
        }
        return known;
    }

    /** No request is going on, and none may come for long: what only requests need is let go. */
    void idle() {
        own = null;
        account.idle();
    }

    /** @param edits of the answer's head, last */
    private void answer(Answers.Answer answer, String details, byte @Nullable [] location, HeaderEdits edits) {
        LogEntry entry = account.entry();
        entry.responseCodeDetails = details;
        boolean grpc = account.grpc();
        entry.responseCode = grpc ? 200 : answer.status();
        if (!down.requestComplete()) {
            // A body that nobody will read.
            down.closeAfter();
        }
        ResponseHead own = own();
        byte[] server = Objects.requireNonNull(http).server().bytes();
        if (grpc) {
            Grpc.fill(own, answer, server);
        } else {
            Answers.fill(own, answer, server);
        }
        if (location != null) {
            own.set(Answers.LOCATION, location);
        }
        if (route != null) {
            route.responseEdits().apply(own);
        }
        access.applyTo(own);
        if (!edits.equals(HeaderEdits.NONE)) {
            Edits.literal(edits).apply(own);
        }
        account.answered(own);
        entry.captureResponse(Objects.requireNonNull(http).log(), own);
        boolean withBody = !grpc
                && !head.isHead()
                && !Answers.bodiless(answer.status())
                && !answer.body().isEmpty();
        down.head(own, withBody ? BodyKind.LENGTH : BodyKind.NONE);
        if (withBody) {
            byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
            down.payload(Unpooled.wrappedBuffer(body));
            entry.bytesSent = body.length;
        }
        down.end();
        finish(null);
    }

    /**
     * The only exit: log, give back, and let the connection go on.
     *
     * @param cut why the answer is not complete
     */
    private void finish(@Nullable Failure cut) {
        if (!active) {
            return;
        }
        active = false;
        letHeadGo();
        access.end();
        boolean whole = responseStarted && !tunnel;
        long now = account.end(
                Objects.requireNonNull(http).log(), understood, program, upstream, whole && upstream.stream() != null);
        upstream.leave(cut == null && whole && upstream.requestEnded(), now);
        if (cut != null) {
            down.abort();
        } else {
            down.exchangeOver(now);
        }
    }

    /** Sends what was written to the host. */
    void flushUpstream() {
        upstream.flush();
    }

    /** Sends what was written to either side. */
    void flush() {
        down.flush();
        upstream.flush();
    }

    void release() {
        letHeadGo();
        upstream.release();
    }

    /** In nanoseconds; 0: there is none. */
    private long idleLimit() {
        if (route != null && route.route().action() instanceof RouteAction.Forward to && to.idleTimeout() != null) {
            return to.idleTimeout().toNanos();
        }
        return Objects.requireNonNull(http).config().streamIdleTimeout().toNanos();
    }

    void tick(long now) {
        if (!active) {
            return;
        }
        long limit = idleLimit();
        if (limit > 0 && now - upstream.lastMoved() > limit) {
            fail(new Failure.StreamIdle(down.requestComplete()));
            flush();
        } else if (!tunnel) {
            upstream.tick(now);
        }
    }
}
