package lateen.proxy.http;

import io.netty.buffer.ByteBuf;
import java.util.Objects;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import lateen.decision.config.RouteConfig.RetryPolicy;
import lateen.decision.config.RouteConfig.RouteAction;
import lateen.proxy.Failure;
import lateen.proxy.accesslog.LogEntry;
import lateen.proxy.accesslog.ResponseFlag;
import lateen.proxy.cluster.Breakers;
import lateen.proxy.cluster.Cluster;
import lateen.proxy.cluster.Host;
import lateen.proxy.connection.Downstream;
import lateen.proxy.http1.BodyKind;
import lateen.proxy.http1.HeaderLines;
import lateen.proxy.http1.Protocol;
import lateen.proxy.http1.RequestHead;
import lateen.proxy.http1.ResponseHead;
import lateen.proxy.loop.Worker;
import lateen.proxy.pool.HostPool;
import lateen.proxy.pool.HostStream;
import lateen.proxy.program.Live;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The upstream side of an exchange: host → connection → request sent, again where a failure lets it, with the route's
 * timeouts. What comes back goes to the {@link Exchange}, which decides about the answer. One for each downstream
 * connection, used again.
 *
 * <p>Buffers: payload handed in is written on or released. Owned by the connection's loop.
 */
final class Upstream implements HostPool.Waiter, HostStream.Receiver {
    private static final Logger log = LoggerFactory.getLogger(Upstream.class);

    private final Exchange exchange;
    private final ClientStream down;
    private final Live live;
    private final Worker worker;
    private final Downstream client;
    private final RequestHead head;
    private final ExchangeAccount account;
    private final Attempts attempts = new Attempts();
    private final Outcomes outcomes = new Outcomes();

    /** All below belong to the present request. */
    private RouteAction.@Nullable Forward forward;

    private @Nullable Cluster cluster;
    private @Nullable Host host;
    private @Nullable HostPool pool;
    private @Nullable HostStream stream;
    private BodyKind bodyKind = BodyKind.NONE;
    private boolean waiting;
    /** Of the attempt to come; null: none is. */
    private @Nullable Future<?> backoff;

    private boolean reused;
    private boolean requestEnded;
    private long sentAt;
    /** Of the time until the request was sent, what was not spent waiting for a connection. */
    private long ownNanos;
    /** As {@link System#nanoTime}: when bytes of either message came last. */
    private long lastMoved;

    Upstream(
            Exchange exchange,
            ClientStream down,
            Live live,
            Worker worker,
            Downstream client,
            RequestHead head,
            ExchangeAccount account) {
        this.exchange = exchange;
        this.down = down;
        this.live = live;
        this.worker = worker;
        this.client = client;
        this.head = head;
        this.account = account;
    }

    void reset() {
        forward = null;
        cluster = null;
        host = null;
        pool = null;
        stream = null;
        waiting = false;
        backoff = null;
        reused = false;
        requestEnded = false;
        sentAt = 0;
        lastMoved = System.nanoTime();
        attempts.reset();
    }

    /** Null: the exchange has not come so far. */
    @Nullable
    Cluster cluster() {
        return cluster;
    }

    /** Null: none was chosen. */
    @Nullable
    Host host() {
        return host;
    }

    /** Null: there is none yet. */
    @Nullable
    HostStream stream() {
        return stream;
    }

    /** Whether all of the request was sent. */
    boolean requestEnded() {
        return requestEnded;
    }

    /** As {@link System#nanoTime}: when what the host sent last had come. */
    long lastMoved() {
        return lastMoved;
    }

    /** Milliseconds that the host took until now. */
    long serviceMillis() {
        return (lastMoved - sentAt) / 1_000_000;
    }

    /** What this proxy itself took of the time up to {@code now}, the end of the answer. */
    long addedNanos(long now) {
        return ownNanos + now - lastMoved;
    }

    /**
     * A place among the cluster's requests.
     *
     * @return false: there is none; nothing is taken
     */
    boolean enter(Cluster to, RouteAction.Forward by, @Nullable RetryPolicy retry, BodyKind kind) {
        if (!to.breakers().take(Breakers.Resource.REQUEST)) {
            to.counters().activeOverflow().increment();
            return false;
        }
        cluster = to;
        forward = by;
        bodyKind = kind;
        attempts.policy(retry);
        return true;
    }

    /** The head is ready to be sent. */
    void attempt() {
        Cluster from = Objects.requireNonNull(cluster);
        Host chosen = choose(from);
        for (int choices = 0; chosen != null && attempts.avoids(chosen, choices); choices++) {
            chosen = choose(from);
        }
        if (chosen == null) {
            exchange.fail(new Failure.NoHealthyHost(from.name()));
            return;
        }
        host = chosen;
        attempts.chose(chosen);
        outcomes.of(from, chosen);
        account.entry().upstreamHost = chosen.address();
        chosen.began();
        from.counters().requests().increment();
        from.counters().activeRequests().increment();
        waiting = true;
        long now = System.nanoTime();
        attempts.began(now);
        HostPool pooled = tunnels()
                ? live.pools(worker).tunnel(from, chosen, client)
                : live.pools(worker).of(from, chosen, http2(from), client);
        pool = pooled;
        pooled.acquire(this, now);
    }

    private boolean tunnels() {
        return head.isConnect() && Objects.requireNonNull(forward).tunnel();
    }

    private boolean http2(Cluster to) {
        return switch (to.config().http()) {
            case HTTP1 -> false;
            case HTTP2 -> true;
            case USE_DOWNSTREAM -> head.protocol() == Protocol.HTTP_2;
        };
    }

    private @Nullable Host choose(Cluster from) {
        return from.choose(
                client.originalDestination(), worker.index(), worker.random().nextLong());
    }

    @Override
    public void ready(HostStream connected, boolean reusedConnection) {
        waiting = false;
        long readyAt = System.nanoTime();
        stream = connected;
        reused = reusedConnection;
        LogEntry entry = account.entry();
        entry.upstream(connected.dialled().local(), connected.dialled().tls());
        outcomes.connected();
        attempts.headSent();
        byte[] authority = Objects.requireNonNull(host).authority();
        if (authority.length > 0 && Objects.requireNonNull(forward).autoHostRewrite()) {
            head.setAuthority(authority, 0, authority.length);
        }
        connected.send(head, bodyKind, this);
        ByteBuf body = attempts.bodyAgain();
        if (body != null) {
            connected.payload(body);
        }
        sentAt = System.nanoTime();
        ownNanos = attempts.firstBegan() - entry.startNanos + sentAt - readyAt;
        down.upstreamReady();
        if (!down.reading()) {
            exchange.flush();
        }
    }

    @Override
    public void failed(Failure failure) {
        waiting = false;
        if (failure instanceof Failure.Overflow) {
            Objects.requireNonNull(cluster).counters().pendingOverflow().increment();
        }
        if (failure instanceof Failure.ConnectFailed connect) {
            account.entry().upstreamTransportFailureReason = connect.transport();
            log.debug("cluster {}: {}: {}", account.entry().upstreamCluster, host, connect.reason());
        }
        boolean connecting = failure instanceof Failure.ConnectFailed;
        if (connecting) {
            outcomes.failed(System.nanoTime());
        }
        if (!(connecting && attempts.onConnectFailure() && again())) {
            exchange.fail(failure);
        }
    }

    /**
     * After a failure that the policy has a word for.
     *
     * @return whether there will be a new attempt
     */
    private boolean again() {
        Cluster of = Objects.requireNonNull(cluster);
        if (!attempts.canRepeat(bodyKind, requestEnded)) {
            return false;
        }
        return switch (attempts.next(of.breakers())) {
            case LIMIT -> {
                of.counters().retryLimit().increment();
                account.entry().flag(ResponseFlag.UPSTREAM_RETRY_LIMIT_EXCEEDED);
                yield false;
            }
            case OVERFLOW -> {
                of.counters().retryOverflow().increment();
                account.entry().flag(ResponseFlag.UPSTREAM_OVERFLOW);
                yield false;
            }
            case AGAIN -> {
                of.counters().retries().increment();
                leaveHost();
                requestEnded = false;
                backoff = worker.loop()
                        .schedule(this::afterBackoff, attempts.backoffNanos(worker.random()), TimeUnit.NANOSECONDS);
                yield true;
            }
        };
    }

    private void afterBackoff() {
        backoff = null;
        attempt();
        exchange.flush();
    }

    /** Whether the request was sent more than once. */
    boolean retried() {
        return attempts.retried();
    }

    /** A piece of the request's body, or of a tunnel. */
    void requestPayload(ByteBuf piece) {
        lastMoved = System.nanoTime();
        HostStream to = stream;
        if (to == null) {
            piece.release();
            return;
        }
        account.entry().bytesReceived += piece.readableBytes();
        attempts.bodySent(piece, worker.allocator());
        to.payload(piece);
        if (!to.isWritable()) {
            down.throttle(true);
        }
    }

    void requestTrailers(HeaderLines trailers) {
        if (stream != null && !requestEnded) {
            attempts.trailersSent();
            stream.requestTrailers(trailers);
        }
    }

    /** The request is complete; said again, the client's side of the tunnel that it opened is. */
    void requestEnd() {
        if (stream == null) {
            return;
        }
        if (requestEnded || !awaitsTunnel()) {
            stream.end();
        }
        if (!requestEnded) {
            requestEnded = true;
            if (bodyKind != BodyKind.NONE) {
                sentAt = System.nanoTime();
            }
        }
    }

    /** What follows is the tunnel's. A request that has a body of its own ends with that. */
    private boolean awaitsTunnel() {
        return head.opensTunnel() && (bodyKind == BodyKind.NONE || bodyKind == BodyKind.TUNNEL);
    }

    @Override
    public void head(ResponseHead response, BodyKind kind) {
        HostStream from = Objects.requireNonNull(stream);
        lastMoved = from.dialled().readAt();
        if (response.interim()) {
            exchange.interim(response);
            return;
        }
        outcomes.answered(account.outcome(response, response.status()), lastMoved);
        boolean wanting = attempts.onAnswer(response);
        if (wanting && again()) {
            from.close();
            return;
        }
        if (!wanting && attempts.retried()) {
            Objects.requireNonNull(cluster).counters().retrySuccess().increment();
        }
        attempts.dropBody();
        exchange.response(response, kind);
    }

    @Override
    public void payload(ByteBuf piece) {
        HostStream from = stream;
        if (from != null) {
            lastMoved = from.dialled().readAt();
        }
        exchange.responsePayload(piece);
    }

    @Override
    public void trailers(HeaderLines trailers) {
        outcomes.answered(account.grpc() ? account.outcome(trailers, 200) : 0, lastMoved);
        exchange.responseTrailers(trailers);
    }

    @Override
    public void end() {
        exchange.responseEnd();
    }

    @Override
    public void readComplete() {
        exchange.flush();
    }

    @Override
    public void writable() {
        down.throttle(false);
    }

    /** @param on false: the client cannot take more for now */
    void reading(boolean on) {
        if (stream != null) {
            stream.reading(on);
        }
    }

    @Override
    public void broken(HostStream.Broken how) {
        HostStream broke = Objects.requireNonNull(stream);
        String problem = how.problem();
        boolean begun = exchange.responseStarted();
        boolean refused = how.cause() == HostStream.Broken.Cause.REFUSED;
        if (problem != null) {
            log.info("cluster {}: {}: {}", account.entry().upstreamCluster, host, problem);
        } else if (!begun && attempts.onStale(reused && !broke.answered(), refused, head, bodyKind)) {
            leaveHost();
            requestEnded = false;
            attempt();
            exchange.flush();
            return;
        }
        outcomes.failed(System.nanoTime());
        if (begun || !(refused ? attempts.onRefused() : attempts.onNoAnswer()) || !again()) {
            exchange.fail(failure(how, begun));
        }
        exchange.flush();
    }

    private static Failure failure(HostStream.Broken how, boolean begun) {
        return switch (how.cause()) {
            case PROTOCOL -> new Failure.UpstreamProtocol(Objects.requireNonNullElse(how.problem(), ""));
            case ENDED -> new Failure.UpstreamReset(begun);
            case RESET -> new Failure.StreamReset(begun, false);
            case REFUSED -> new Failure.StreamReset(begun, true);
        };
    }

    void tick(long now) {
        RouteAction.Forward by = forward;
        if (by == null) {
            return;
        }
        boolean begun = exchange.responseStarted();
        boolean sent = requestEnded || waiting || backoff != null;
        if (backoff == null && sent && !begun && attempts.tryTimedOut(now)) {
            abandon();
            outcomes.timedOut(now);
            Objects.requireNonNull(cluster).counters().tryTimeouts().increment();
            if (!(attempts.onNoAnswer() && again())) {
                exchange.fail(new Failure.TryTimeout());
            }
            exchange.flush();
            return;
        }
        long timeout = by.timeout().toNanos();
        if (timeout > 0 && sent && now - attempts.firstBegan() > timeout) {
            abandon();
            if (backoff == null) {
                outcomes.timedOut(now);
            }
            Objects.requireNonNull(cluster).counters().timeouts().increment();
            exchange.fail(new Failure.Timeout(begun));
            exchange.flush();
        }
    }

    private void abandon() {
        if (stream != null) {
            stream.lost();
        } else {
            stopWaiting();
        }
    }

    private void stopWaiting() {
        if (waiting && pool != null) {
            pool.cancel(this);
            waiting = false;
        }
    }

    private void leaveHost() {
        if (host != null) {
            host.ended();
            Objects.requireNonNull(cluster).counters().activeRequests().decrement();
            host = null;
        }
        stream = null;
    }

    /**
     * The exchange is over: everything taken is given back.
     *
     * @param reusable both messages are complete
     * @param now as {@link System#nanoTime}
     */
    void leave(boolean reusable, long now) {
        stopWaiting();
        if (backoff != null) {
            backoff.cancel(false);
            backoff = null;
        }
        HostStream connected = stream;
        leaveHost();
        attempts.dropBody();
        if (cluster != null) {
            cluster.breakers().giveBack(Breakers.Resource.REQUEST);
            attempts.giveBack(cluster.breakers());
        }
        if (connected != null) {
            connected.release(reusable, now);
        }
    }

    /** Sends what was written. */
    void flush() {
        if (stream != null) {
            stream.flush();
        }
    }

    void release() {
        attempts.dropBody();
    }
}
