package lateen.proxy.grpc;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import lateen.proxy.cluster.Breakers;
import lateen.proxy.cluster.Cluster;
import lateen.proxy.cluster.Host;
import lateen.proxy.loop.Worker;
import org.jspecify.annotations.Nullable;

/**
 * One message there, one back, with a deadline. Told exactly once how it ended, unless {@link #cancel} came first. It is
 * sent again, once, where the host says that it did not look at it (GOAWAY, REFUSED_STREAM; RFC 9113 section 8.7). Owned
 * by the loop.
 */
public final class UnaryCall {
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

    private final Worker worker;
    private final Cluster cluster;
    private final Method method;
    private final Caller caller;
    /** With the prefix of gRPC; given back at the end. */
    private final ByteBuf message;

    private final long beganAt = System.nanoTime();
    private @Nullable Host host;
    private @Nullable GrpcPool pool;
    private @Nullable GrpcConnection connection;
    private @Nullable Future<?> deadline;
    private boolean again;
    private boolean over;
    /** On {@link #connection}. */
    int stream;
    /** As {@link System#nanoTime}: when it was last sent. */
    long sentAt;

    final AnswerReader answer = new AnswerReader();

    private UnaryCall(Worker worker, Cluster cluster, Method method, ByteBuf message, Caller caller) {
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
            GrpcPools pools,
            Worker worker,
            Cluster cluster,
            Method method,
            byte[] array,
            int start,
            int length,
            Caller caller) {
        ByteBuf message = worker.allocator().directBuffer(5 + length);
        message.writeByte(0).writeInt(length).writeBytes(array, start, length);
        UnaryCall call = new UnaryCall(worker, cluster, method, message, caller);
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
        call.attempt(pools);
        return call;
    }

    private void attempt(GrpcPools pools) {
        Host chosen = cluster.choose(null, worker.index(), worker.random().nextLong());
        if (chosen == null) {
            fail(CallFailure.unavailable("no healthy host"));
            return;
        }
        host = chosen;
        chosen.began();
        cluster.counters().requests().increment();
        cluster.counters().activeRequests().increment();
        GrpcPool of = pools.of(cluster, chosen);
        pool = of;
        of.acquire(this);
    }

    /** Called by the pool. */
    void ready(GrpcConnection connected) {
        connection = connected;
        connected.send(this);
    }

    Cluster cluster() {
        return cluster;
    }

    Method method() {
        return method;
    }

    /** Nanoseconds that are left; 0: there is no deadline. */
    long leftNanos() {
        return method.timeoutNanos() == 0 ? 0 : Math.max(1, beganAt + method.timeoutNanos() - System.nanoTime());
    }

    /** The message once more, to be written; its bytes are shared. */
    ByteBuf message() {
        return message.retainedDuplicate();
    }

    private void late() {
        if (over) {
            return;
        }
        cluster.counters().timeouts().increment();
        GrpcConnection on = connection;
        if (on != null) {
            on.suspect(this);
        }
        abandon();
        fail(new CallFailure(
                CallFailure.Kind.TIMEOUT,
                "no answer within " + method.timeoutNanos() / 1_000_000 + " ms" + (host == null ? "" : " from " + host)
                        + (on == null ? ", still connecting" : "")));
    }

    /** Nobody wants the answer any more. */
    public void cancel() {
        if (!over) {
            abandon();
            end();
        }
    }

    private void abandon() {
        if (connection != null) {
            connection.reset(this);
        } else if (pool != null) {
            pool.cancel(this);
        }
    }

    void answered(byte[] array, int start, int length) {
        if (!over) {
            end();
            caller.answered(array, start, length);
        }
    }

    /** The host did not look at it. */
    void unprocessed(CallFailure failure, GrpcPools pools) {
        if (over) {
            return;
        }
        if (again) {
            fail(failure);
            return;
        }
        again = true;
        cluster.counters().retries().increment();
        leaveHost();
        answer.reset();
        attempt(pools);
    }

    void fail(CallFailure failure) {
        if (!over) {
            end();
            caller.failed(failure);
        }
    }

    private void end() {
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
        connection = null;
        pool = null;
    }
}
