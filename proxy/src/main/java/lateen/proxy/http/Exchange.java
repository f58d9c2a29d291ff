package lateen.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Objects;
import lateen.decision.config.RouteConfig.RouteAction;
import lateen.decision.request.ByteSlice;
import lateen.proxy.Failure;
import lateen.proxy.accesslog.AccessLog;
import lateen.proxy.accesslog.LogEntry;
import lateen.proxy.accesslog.ResponseFlag;
import lateen.proxy.cluster.Breakers;
import lateen.proxy.cluster.Cluster;
import lateen.proxy.cluster.Host;
import lateen.proxy.connection.Downstream;
import lateen.proxy.http1.BodyKind;
import lateen.proxy.http1.KnownHeader;
import lateen.proxy.http1.RequestHead;
import lateen.proxy.http1.RequestHeadView;
import lateen.proxy.http1.ResponseHead;
import lateen.proxy.loop.Worker;
import lateen.proxy.pool.Http1Pool;
import lateen.proxy.pool.UpstreamConnection;
import lateen.proxy.program.Authorization;
import lateen.proxy.program.HttpProgram;
import lateen.proxy.program.Live;
import lateen.proxy.program.Program;
import lateen.proxy.program.RouteProgram;
import lateen.proxy.program.RouteProgram.CompiledRoute;
import lateen.proxy.program.Telemetry;
import lateen.proxy.stats.RequestMetrics;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request and its answer: authorization → route → host → connection → response. One for each downstream connection,
 * used again. Whatever happens, it ends once, in {@link #finish}, with one access-log entry.
 *
 * <p>Buffers: payload handed in is written on or released. Back-pressure: either side stops reading while the other
 * cannot take more. Owned by the connection's loop.
 */
final class Exchange implements Http1Pool.Waiter, UpstreamConnection.Receiver {
    private static final Logger log = LoggerFactory.getLogger(Exchange.class);
    private static final byte[] CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private static final String HTTP_1_0 = "HTTP/1.0";
    private static final String HTTP_1_1 = "HTTP/1.1";

    private final HttpConnection down;
    private final Live live;
    private final Worker worker;
    private final Downstream connection;
    private final RequestHead head;
    private final RequestHeaders headers;
    private final RequestHeadView view;
    private final ResponseHead own = new ResponseHead();
    private final MessageWriter toClient = new MessageWriter();
    private final MessageWriter toHost = new MessageWriter();
    private final boolean atDestination;
    /** At the destination, for {@link #metricsOf}; those of the source are kept with the upstream connection. */
    private @Nullable RequestMetrics metrics;

    private @Nullable Cluster metricsOf;
    private final Attempts attempts = new Attempts();

    /** All below belong to the present request. */
    private LogEntry entry = new LogEntry().clear();

    private @Nullable Program program;

    private @Nullable HttpProgram http;
    private @Nullable CompiledRoute route;
    private RouteAction.@Nullable Forward forward;
    private @Nullable Cluster cluster;
    private @Nullable Host host;
    private @Nullable Http1Pool pool;
    private @Nullable UpstreamConnection up;
    private BodyKind bodyKind = BodyKind.NONE;
    private boolean active;
    private boolean understood;
    private boolean waiting;
    private boolean reused;
    private boolean upgrade;
    private boolean requestEnded;
    private boolean responseStarted;
    private boolean tunnel;
    private boolean close;
    private long sentAt;
    /** Of the time until the request was sent, what was not spent waiting for a connection. */
    private long ownNanos;

    private long lastMoved;

    Exchange(
            HttpConnection down,
            Live live,
            Worker worker,
            Downstream connection,
            RequestHead head,
            boolean atDestination) {
        this.atDestination = atDestination;
        this.down = down;
        this.live = live;
        this.worker = worker;
        this.connection = connection;
        this.head = head;
        this.headers = new RequestHeaders(connection, worker);
        this.view = new RequestHeadView(head, connection, connection.tls() != null);
    }

    void downstream(Channel channel) {
        toClient.to(channel);
    }

    /** The first byte of a request has come. */
    void received(long now) {
        entry.clear().begin(connection, now, worker.epochMicros(now));
    }

    /** A request that cannot be understood, or came too late. */
    void refuse(HttpProgram by, Failure failure) {
        reset(by);
        close = true;
        connection.source(null);
        // Of a head that is not understood nothing is quoted.
        entry.protocol = HTTP_1_1;
        fail(failure);
    }

    private void reset(HttpProgram by) {
        http = by;
        program = null;
        route = null;
        forward = null;
        cluster = null;
        host = null;
        pool = null;
        up = null;
        active = true;
        understood = false;
        waiting = false;
        reused = false;
        upgrade = false;
        requestEnded = false;
        responseStarted = false;
        tunnel = false;
        close = false;
        sentAt = 0;
        lastMoved = System.nanoTime();
        attempts.reset();
    }

    /** The head is complete. */
    void begin(Program by, HttpProgram manager, BodyKind kind) {
        reset(manager);
        program = by;
        bodyKind = kind;
        understood = true;
        entry.protocol = head.minorVersion() == 0 ? HTTP_1_0 : HTTP_1_1;
        close = !head.keepAlive() || down.draining();
        boolean expects = head.expectsContinue();
        Failure refusal = prepare(manager);
        if (refusal == null) {
            refusal = authorize(manager);
        }
        if (refusal != null) {
            fail(refusal);
            return;
        }
        RouteProgram routes = manager.routes(by);
        CompiledRoute chosen = routes == null ? null : routes.route(view);
        if (chosen == null) {
            fail(new Failure.NoRoute());
            return;
        }
        route = chosen;
        entry.routeName = chosen.route().name();
        switch (chosen.route().action()) {
            case RouteAction.DirectResponse direct ->
                answer(new Answers.Answer(direct.status(), direct.body()), "direct_response", null);
            case RouteAction.Redirect redirect ->
                answer(
                        new Answers.Answer(redirect.status(), ""),
                        "direct_response",
                        Redirects.location(redirect, chosen, view));
            case RouteAction.Forward to -> {
                if (expects && bodyKind != BodyKind.NONE) {
                    // Only now, when nothing stands against the request any more.
                    toClient.raw(CONTINUE);
                }
                forward(to, chosen);
            }
        }
    }

    private @Nullable Failure prepare(HttpProgram manager) {
        if (head.isConnect()) {
            return new Failure.UpgradeRefused();
        }
        if (head.upgrade()) {
            String protocol = head.joined(KnownHeader.UPGRADE).toString().toLowerCase(Locale.ROOT);
            upgrade = manager.config().upgrades().contains(protocol);
            if (!upgrade && !protocol.equals("h2c")) {
                return new Failure.UpgradeRefused();
            }
        }
        if ((manager.config().normalizePath() || manager.config().mergeSlashes())
                && !PathNormal.apply(
                        head, manager.config().normalizePath(), manager.config().mergeSlashes())) {
            return new Failure.BadRequest(400, "path_normalization_failed");
        }
        headers.apply(head, manager.config(), upgrade);
        return null;
    }

    private @Nullable Failure authorize(HttpProgram manager) {
        for (Authorization each : manager.authorization()) {
            Failure denied = each.check(view);
            if (denied != null) {
                return denied;
            }
        }
        return null;
    }

    private void forward(RouteAction.Forward to, CompiledRoute chosen) {
        forward = to;
        String name = Objects.requireNonNull(chosen.clusters())
                .pick(worker.random().nextLong())
                .name();
        entry.upstreamCluster = name;
        Cluster found = Objects.requireNonNull(program).cluster(name);
        if (found == null) {
            fail(new Failure.NoCluster(name));
            return;
        }
        if (!found.breakers().take(Breakers.Resource.REQUEST)) {
            found.counters().pendingOverflow().increment();
            fail(new Failure.Overflow(name));
            return;
        }
        cluster = found;
        attempts.policy(to.retry() != null ? to.retry() : chosen.host().retry());
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
        attempt();
    }

    private void attempt() {
        Cluster from = Objects.requireNonNull(cluster);
        Host chosen = from.choose(
                connection.originalDestination(),
                worker.index(),
                worker.random().nextLong());
        if (chosen == null) {
            fail(new Failure.NoHealthyHost(from.name()));
            return;
        }
        host = chosen;
        entry.upstreamHost = chosen.address();
        chosen.began();
        from.counters().requests().increment();
        from.counters().activeRequests().increment();
        waiting = true;
        attempts.began(System.nanoTime());
        Http1Pool pooled = live.pools(worker).of(from, chosen);
        pool = pooled;
        pooled.acquire(this);
    }

    @Override
    public void ready(UpstreamConnection connected, boolean reusedConnection) {
        waiting = false;
        long readyAt = System.nanoTime();
        up = connected;
        reused = reusedConnection;
        Channel channel = connected.channel();
        entry.upstream(connected.dialled().local(), connected.dialled().tls());
        connected.begin(this, head.isHead());
        toHost.to(channel);
        toHost.head(head, bodyKind == BodyKind.CHUNKED);
        sentAt = System.nanoTime();
        ownNanos = attempts.firstBegan() - entry.startNanos + sentAt - readyAt;
        down.upstreamReady();
        if (!down.reading()) {
            flush();
        }
    }

    @Override
    public void failed(Failure failure) {
        waiting = false;
        if (failure instanceof Failure.Overflow) {
            Objects.requireNonNull(cluster).counters().pendingOverflow().increment();
        }
        if (failure instanceof Failure.ConnectFailed connect) {
            entry.upstreamTransportFailureReason = connect.transport();
            log.debug("cluster {}: {}: {}", entry.upstreamCluster, host, connect.reason());
        }
        if (attempts.onConnectFailure(failure) && retry()) {
            return;
        }
        fail(failure);
    }

    /** A new attempt, if the circuit breaker of retries lets it. */
    private boolean retry() {
        Cluster of = Objects.requireNonNull(cluster);
        if (!attempts.take(of.breakers())) {
            return false;
        }
        of.counters().retries().increment();
        leaveHost();
        attempt();
        return true;
    }

    private void leaveHost() {
        if (host != null) {
            host.ended();
            Objects.requireNonNull(cluster).counters().activeRequests().decrement();
            host = null;
        }
        toHost.release();
        up = null;
    }

    /** A piece of the request's body, or of a tunnel. */
    void requestPayload(ByteBuf piece) {
        lastMoved = System.nanoTime();
        UpstreamConnection to = up;
        if (to == null || !active) {
            piece.release();
            return;
        }
        entry.bytesReceived += piece.readableBytes();
        attempts.bodySent();
        toHost.payload(piece);
        if (!to.channel().isWritable()) {
            down.throttle(true);
        }
    }

    void requestEnd() {
        if (active && up != null && !requestEnded) {
            requestEnded = true;
            toHost.end();
            sentAt = System.nanoTime();
        }
    }

    @Override
    public void head(ResponseHead response, BodyKind kind) {
        lastMoved = Objects.requireNonNull(up).readAt();
        if (response.interim()) {
            if (response.status() != 100 && head.minorVersion() == 1) {
                response.removeHopByHop(false);
                toClient.interim(response);
            }
            return;
        }
        if (attempts.onStatus(response.status(), head) && !responseStarted) {
            UpstreamConnection refused = Objects.requireNonNull(up);
            if (retry()) {
                refused.close();
                return;
            }
        }
        responseStarted = true;
        entry.responseCode = response.status();
        entry.responseNanos = lastMoved - entry.startNanos;
        tunnel = kind == BodyKind.TUNNEL;
        boolean http10 = head.minorVersion() == 0;
        boolean chunked = ResponseHeaders.frame(response, kind, http10, tunnel);
        close |= tunnel || down.draining() || ResponseHeaders.endsWithClose(kind, http10);
        HttpProgram by = Objects.requireNonNull(http);
        ResponseHeaders.apply(response, by, Objects.requireNonNull(route), (lastMoved - sentAt) / 1_000_000);
        entry.captureResponse(by.log(), response);
        if (!tunnel) {
            Answers.connection(response, close, http10);
        }
        toClient.head(response, chunked);
        if (tunnel) {
            down.tunnelling();
        }
    }

    @Override
    public void payload(ByteBuf piece) {
        UpstreamConnection from = up;
        if (from != null) {
            lastMoved = from.readAt();
        }
        if (!active) {
            piece.release();
            return;
        }
        entry.bytesSent += piece.readableBytes();
        toClient.payload(piece);
        Channel client = down.channel();
        if (!client.isWritable() && up != null) {
            up.reading(false);
        }
    }

    @Override
    public void end() {
        toClient.end();
        finish(null);
    }

    @Override
    public void readComplete() {
        flush();
    }

    @Override
    public void writable() {
        down.throttle(false);
    }

    void downstreamWritable(boolean can) {
        if (up != null) {
            up.reading(can);
        }
    }

    @Override
    public void broken(@Nullable String problem) {
        UpstreamConnection broke = Objects.requireNonNull(up);
        if (problem != null) {
            log.info("cluster {}: {}: {}", entry.upstreamCluster, host, problem);
            fail(new Failure.UpstreamProtocol(problem));
        } else if (!responseStarted && attempts.onReset(reused, broke.answered(), head, bodyKind) && retry()) {
            // The host closed the connection just when it was used again: nothing of this request was answered.
            flush();
        } else {
            fail(new Failure.UpstreamReset(responseStarted));
        }
        flush();
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
        entry.flag(failure.flag());
        if (attempts.exhausted(failure)) {
            entry.flag(ResponseFlag.UPSTREAM_RETRY_LIMIT_EXCEEDED);
        }
        if (responseStarted) {
            entry.responseCodeDetails = failure.details();
            finish(failure);
            return;
        }
        Answers.Answer answer = Answers.of(failure);
        if (failure instanceof Failure.BadRequest) {
            close = true;
        }
        if (answer.status() == 0) {
            entry.responseCodeDetails = failure.details();
            finish(failure);
        } else {
            answer(answer, failure.details(), null);
        }
    }

    private void answer(Answers.Answer answer, String details, byte @Nullable [] location) {
        entry.responseCodeDetails = details;
        entry.responseCode = answer.status();
        // A body that nobody will read: the connection cannot carry another request.
        close |= !down.requestComplete();
        Answers.fill(own, answer, Objects.requireNonNull(http).server().bytes());
        if (location != null) {
            own.set(Answers.LOCATION, location);
        }
        if (route != null) {
            route.responseEdits().apply(own);
        }
        Answers.connection(own, close, false);
        entry.captureResponse(Objects.requireNonNull(http).log(), own);
        toClient.head(own, false);
        if (!head.isHead() && !answer.body().isEmpty()) {
            byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
            toClient.raw(body);
            entry.bytesSent = body.length;
        }
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
        if (entry.responseCodeDetails == null) {
            entry.responseCodeDetails = "via_upstream";
        }
        log(Objects.requireNonNull(http).log());
        if (waiting && pool != null) {
            pool.cancel(this);
            waiting = false;
        }
        UpstreamConnection connected = up;
        boolean complete = cut == null && responseStarted && requestEnded && !tunnel;
        leaveHost();
        if (cluster != null) {
            cluster.breakers().giveBack(Breakers.Resource.REQUEST);
            attempts.giveBack(cluster.breakers());
        }
        if (connected != null) {
            connected.release(complete);
        }
        if (cut != null) {
            toClient.flush();
            down.abort();
        } else {
            boolean last = close || !down.requestComplete();
            if (last || !down.reading()) {
                toClient.flush();
            }
            down.exchangeOver(last);
        }
    }

    private void log(AccessLog to) {
        long now = System.nanoTime();
        entry.end(now);
        count(now);
        if (understood) {
            entry.downstreamRemote = connection.client();
            entry.captureRequest(to, view);
        }
        entry = to.write(entry);
    }

    private void count(long now) {
        metrics()
                .record(
                        entry.responseCode,
                        entry.flags,
                        false,
                        RequestMetrics.NO_GRPC_STATUS,
                        entry.durationNanos,
                        entry.bytesReceived,
                        entry.bytesSent);
        if (responseStarted && !tunnel && up != null) {
            live.telemetry().proxy().added().recordNanos(ownNanos + now - lastMoved);
        }
    }

    @SuppressWarnings("ReferenceEquality") // a changed cluster is another object
    private RequestMetrics metrics() {
        Telemetry telemetry = live.telemetry();
        if (!atDestination) {
            UpstreamConnection over = up;
            if (over == null) {
                return telemetry.sourceRequests(cluster, host, null);
            }
            RequestMetrics kept = over.metrics();
            if (kept == null) {
                kept = telemetry.sourceRequests(cluster, host, over.dialled().tls());
                over.metrics(kept);
            }
            return kept;
        }
        RequestMetrics known = metrics;
        if (known == null || metricsOf != cluster) {
            known = telemetry.destinationRequests(program == null ? live.program() : program, cluster, connection);
            metrics = known;
            metricsOf = cluster;
        }
        return known;
    }

    /** Sends what was written to either side. */
    void flush() {
        toClient.flush();
        if (up != null) {
            toHost.flush();
        }
    }

    void release() {
        toClient.release();
        toHost.release();
    }

    void tick(long now) {
        RouteAction.Forward by = forward;
        if (!active || by == null || tunnel) {
            return;
        }
        if (attempts.tryTimedOut(now) && !responseStarted) {
            abandon();
            if (!(attempts.mayReplay(head, bodyKind) && retry())) {
                Objects.requireNonNull(cluster).counters().timeouts().increment();
                fail(new Failure.Timeout(false));
            }
            flush();
            return;
        }
        long timeout = by.timeout().toNanos();
        long idle = by.idleTimeout().toNanos();
        boolean late = timeout > 0 && (requestEnded || waiting) && now - attempts.firstBegan() > timeout;
        if (late || (idle > 0 && now - lastMoved > idle)) {
            Objects.requireNonNull(cluster).counters().timeouts().increment();
            abandon();
            fail(new Failure.Timeout(responseStarted));
            flush();
        }
    }

    private void abandon() {
        if (up != null) {
            up.close();
        } else if (waiting && pool != null) {
            pool.cancel(this);
            waiting = false;
        }
    }
}
