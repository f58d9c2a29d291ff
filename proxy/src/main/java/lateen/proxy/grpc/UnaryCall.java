package lateen.proxy.grpc;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import lateen.decision.request.HeaderName;
import lateen.proxy.Failure;
import lateen.proxy.cluster.Breakers;
import lateen.proxy.cluster.Cluster;
import lateen.proxy.cluster.Host;
import lateen.proxy.http1.BodyKind;
import lateen.proxy.http1.HeaderLines;
import lateen.proxy.http1.KnownHeader;
import lateen.proxy.http1.RequestHead;
import lateen.proxy.http1.ResponseHead;
import lateen.proxy.loop.Worker;
import lateen.proxy.pool.HostPool;
import lateen.proxy.pool.HostStream;
import lateen.proxy.pool.Pools;
import org.jspecify.annotations.Nullable;

/**
 * One message there, one back, with a deadline. Told exactly once how it ended, unless {@link #cancel} came first. It is
 * sent again, once, where the host says that it did not look at it (GOAWAY, REFUSED_STREAM; RFC 9113 section 8.7). Owned
 * by the loop.
 */
public final class UnaryCall implements HostPool.Waiter, HostStream.Receiver {
    private static final byte[] POST = bytes("POST");
    private static final byte[] TRAILERS = bytes("trailers");
    private static final byte[] GRPC = bytes("application/grpc");
    private static final HeaderName TIMEOUT = HeaderName.of("grpc-timeout");

    /** Of an answer, in bytes; a larger one is none. */
    public static final int LARGEST_ANSWER = 256 * 1024;

    /** Who waits for the answer. */
    public interface Caller {
        /** @param message {@code [start, start + length)} of it, valid during the call */
        void answered(byte[] message, int start, int length);

        void failed(CallFailure failure);
    }

    /**
     * What is called.
     *
     * @param path {@code /package.Service/Method}
     * @param authority empty: the cluster's name
     * @param timeoutNanos 0: none
     */
    public record Method(String path, String authority, long timeoutNanos) {}

    private final Pools pools;
    private final Worker worker;
    private final Cluster cluster;
    private final Method method;
    private final Caller caller;
    /** With the prefix of gRPC; given back at the end. */
    private final ByteBuf message;

    private final long beganAt = System.nanoTime();
    private @Nullable Host host;
    private @Nullable HostPool pool;
    private @Nullable HostStream stream;
    private @Nullable Future<?> deadline;
    private boolean again;
    private boolean over;
    private final AnswerReader answer = new AnswerReader();

    private UnaryCall(Pools pools, Worker worker, Cluster cluster, Method method, ByteBuf message, Caller caller) {
        this.pools = pools;
        this.worker = worker;
        this.cluster = cluster;
        this.method = method;
        this.message = message;
        this.caller = caller;
    }

    /**
     * Begins a call; the caller may be told before this returns.
     *
     * @param array {@code [start, start + length)} of it is the message; copied
     */
    public static UnaryCall start(
            Pools pools,
            Worker worker,
            Cluster cluster,
            Method method,
            byte[] array,
            int start,
            int length,
            Caller caller) {
        ByteBuf message = worker.allocator().directBuffer(5 + length);
        message.writeByte(0).writeInt(length).writeBytes(array, start, length);
        UnaryCall call = new UnaryCall(pools, worker, cluster, method, message, caller);
        if (!cluster.breakers().take(Breakers.Resource.REQUEST)) {
            cluster.counters().activeOverflow().increment();
            call.over = true;
            message.release();
            caller.failed(CallFailure.unavailable("too many requests to the cluster at once"));
            return call;
        }
        if (method.timeoutNanos() > 0) {
            call.deadline = worker.loop().schedule(call::late, method.timeoutNanos(), TimeUnit.NANOSECONDS);
        }
        call.attempt();
        return call;
    }

    private void attempt() {
        Host chosen = cluster.choose(null, worker.index(), worker.random().nextLong());
        if (chosen == null) {
            fail(CallFailure.unavailable("no healthy host"));
            return;
        }
        host = chosen;
        chosen.began();
        cluster.counters().requests().increment();
        cluster.counters().activeRequests().increment();
        HostPool of = pools.shared(cluster, chosen);
        pool = of;
        of.acquire(this, System.nanoTime());
    }

    @Override
    public void ready(HostStream connected, boolean reused) {
        stream = connected;
        connected.send(head(), BodyKind.CHUNKED, this);
        connected.payload(message.retainedDuplicate());
        connected.end();
        connected.flush();
    }

    private RequestHead head() {
        String authority = method.authority().isEmpty() ? cluster.name() : method.authority();
        RequestHead head = new RequestHead();
        head.start(POST, bytes(method.path()), bytes(authority));
        head.set(KnownHeader.TE, TRAILERS);
        head.set(KnownHeader.CONTENT_TYPE, GRPC);
        if (method.timeoutNanos() > 0) {
            long left = Math.max(1, beganAt + method.timeoutNanos() - System.nanoTime());
            // Rounded up, and with the eight digits at most that gRPC allows.
            head.set(TIMEOUT, bytes(Math.min(99_999_999, left / 1_000_000 + 1) + "m"));
        }
        return head;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void failed(Failure failure) {
        if (failure instanceof Failure.Overflow) {
            cluster.counters().pendingOverflow().increment();
            fail(CallFailure.unavailable("too many calls wait for a connection to " + host));
        } else {
            String reason = failure instanceof Failure.ConnectFailed connect ? connect.reason() : failure.details();
            fail(CallFailure.unavailable("no connection to " + host + ": " + reason));
        }
    }

    @Override
    public void head(ResponseHead head, BodyKind kind) {
        if (!head.interim()) {
            failIf(answer.head(head));
        }
    }

    @Override
    public void payload(ByteBuf slice) {
        CallFailure wrong = answer.data(slice);
        slice.release();
        failIf(wrong);
    }

    @Override
    public void trailers(HeaderLines trailers) {
        failIf(answer.trailers(trailers));
    }

    private void failIf(@Nullable CallFailure wrong) {
        if (wrong != null) {
            abandon();
            fail(wrong);
        }
    }

    @Override
    public void end() {
        CallFailure wrong = answer.complete();
        if (wrong != null) {
            failIf(wrong);
            return;
        }
        HostStream done = Objects.requireNonNull(stream);
        over();
        done.release(true, System.nanoTime());
        caller.answered(answer.array(), answer.start(), answer.size());
    }

    @Override
    public void readComplete() {}

    @Override
    public void writable() {}

    @Override
    public void broken(HostStream.Broken how) {
        Objects.requireNonNull(stream).release(false, System.nanoTime());
        switch (how.cause()) {
            case REFUSED -> unprocessed(CallFailure.unavailable("the host takes no call"));
            case PROTOCOL -> fail(CallFailure.refused("not HTTP/2 as it should be: " + how.problem()));
            case RESET -> fail(CallFailure.unavailable("the host reset the stream"));
            case ENDED -> fail(CallFailure.unavailable("the connection broke"));
        }
    }

    private void late() {
        if (over) {
            return;
        }
        cluster.counters().timeouts().increment();
        boolean sent = stream != null;
        if (stream != null) {
            stream.lost();
        } else {
            abandon();
        }
        fail(new CallFailure(
                CallFailure.Kind.TIMEOUT,
                "no answer within " + method.timeoutNanos() / 1_000_000 + " ms" + (host == null ? "" : " from " + host)
                        + (sent ? "" : ", still connecting")));
    }

    /** Nobody wants the answer any more. */
    public void cancel() {
        if (!over) {
            abandon();
            over();
        }
    }

    private void abandon() {
        if (stream != null) {
            stream.close();
        } else if (pool != null) {
            pool.cancel(this);
        }
    }

    /** The host did not look at it. */
    private void unprocessed(CallFailure failure) {
        if (again) {
            fail(failure);
            return;
        }
        again = true;
        cluster.counters().retries().increment();
        leaveHost();
        answer.reset();
        attempt();
    }

    private void fail(CallFailure failure) {
        if (!over) {
            over();
            caller.failed(failure);
        }
    }

    private void over() {
        over = true;
        if (deadline != null) {
            deadline.cancel(false);
        }
        leaveHost();
        cluster.breakers().giveBack(Breakers.Resource.REQUEST);
        message.release();
    }

    private void leaveHost() {
        if (host != null) {
            host.ended();
            cluster.counters().activeRequests().decrement();
            host = null;
        }
        stream = null;
        pool = null;
    }
}
