package lateen.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import lateen.decision.config.RouteConfig.RetryOn;
import lateen.decision.config.RouteConfig.RetryPolicy;
import lateen.decision.request.ByteSlice;
import lateen.proxy.cluster.Breakers;
import lateen.proxy.cluster.Host;
import lateen.proxy.http1.BodyKind;
import lateen.proxy.http1.RequestHead;
import lateen.proxy.http1.ResponseHead;
import org.jspecify.annotations.Nullable;

/**
 * How often a request was tried and whether it may be tried again, as Envoy decides it. What a host may have acted on is
 * repeated only where the route's policy says so; a body is kept for that, up to {@link #LARGEST_BODY}.
 */
final class Attempts {
    /** Of a request that may have to be sent again; a larger one is sent once. */
    private static final int LARGEST_BODY = 64 * 1024;

    /** What comes after an attempt that failed in a way that the policy has a word for. */
    enum Next {
        AGAIN,
        /** All tries that the policy grants were made. */
        LIMIT,
        /** Too many requests of the cluster are being tried again. */
        OVERFLOW
    }

    private static final long GRPC = bits(
            RetryOn.CANCELLED,
            RetryOn.DEADLINE_EXCEEDED,
            RetryOn.INTERNAL,
            RetryOn.RESOURCE_EXHAUSTED,
            RetryOn.UNAVAILABLE);
    private static final long NO_ANSWER = bits(RetryOn.RESET, RetryOn.SERVER_ERROR, RetryOn.GATEWAY_ERROR);
    private static final long NOT_SENT = NO_ANSWER | bits(RetryOn.CONNECT_FAILURE, RetryOn.RESET_BEFORE_REQUEST);
    private static final long REFUSED = NO_ANSWER | bits(RetryOn.REFUSED_STREAM);
    /** What can become of a request whose body is on its way. */
    private static final long SENT =
            NO_ANSWER | GRPC | REFUSED | bits(RetryOn.RETRIABLE_4XX, RetryOn.RETRIABLE_STATUS_CODES);

    private static final BitSet NO_CODES = new BitSet();

    /** Of the present request and, to compute the conditions but once, the one before. */
    private @Nullable RetryPolicy policy;

    private @Nullable RetryPolicy known;
    /** {@link RetryOn#bit}s. */
    private long conditions;

    private BitSet codes = NO_CODES;
    private int made;
    private int retries;
    private boolean staleRetried;
    private boolean breakerTaken;
    private boolean headSent;
    private boolean bodySent;
    private @Nullable ByteBuf body;
    private long first;
    private long last;
    private final List<Host> tried = new ArrayList<>(0);

    void reset() {
        policy = null;
        made = 0;
        retries = 0;
        staleRetried = false;
        breakerTaken = false;
        headSent = false;
        bodySent = false;
        first = 0;
        last = 0;
        tried.clear();
        dropBody();
    }

    @SuppressWarnings("ReferenceEquality") // a changed policy is another object
    void policy(@Nullable RetryPolicy now) {
        policy = now;
        if (now != null && now != known) {
            known = now;
            conditions = bits(now.on().toArray(RetryOn[]::new));
            codes = NO_CODES;
            if (now.on().contains(RetryOn.RETRIABLE_STATUS_CODES)) {
                codes = new BitSet();
                now.statusCodes().forEach(codes::set);
            }
        }
    }

    private static long bits(RetryOn... conditions) {
        long bits = 0;
        for (RetryOn each : conditions) {
            bits |= each.bit();
        }
        return bits;
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

    /** Whether the policy had the request sent more than once. */
    boolean retried() {
        return retries > 0;
    }

    /** Whether another host is to be looked for. */
    boolean avoids(Host host, int choices) {
        RetryPolicy by = policy;
        return by != null && by.avoidPrevious() && choices < by.hostAttempts() && tried.contains(host);
    }

    void chose(Host host) {
        if (policy != null && policy.avoidPrevious()) {
            tried.add(host);
        }
    }

    /** Keeps a copy where the policy may need it. */
    void bodySent(ByteBuf piece, ByteBufAllocator allocator) {
        if (!bodySent) {
            bodySent = true;
            body = on(SENT) ? allocator.buffer() : null;
        }
        ByteBuf kept = body;
        if (kept != null) {
            if (kept.readableBytes() + piece.readableBytes() > LARGEST_BODY) {
                dropBody();
            } else {
                kept.writeBytes(piece, piece.readerIndex(), piece.readableBytes());
            }
        }
    }

    /** What was sent of the body, for another attempt; null: nothing. The caller's to release. */
    @Nullable
    ByteBuf bodyAgain() {
        return body == null ? null : body.retainedDuplicate();
    }

    void dropBody() {
        if (body != null) {
            body.release();
            body = null;
        }
    }

    /** What is kept is not all of the request any more. */
    void trailersSent() {
        bodySent = true;
        dropBody();
    }

    void headSent() {
        headSent = true;
    }

    /** @param complete whether all of the body has been taken in */
    boolean canRepeat(BodyKind kind, boolean complete) {
        return kind == BodyKind.NONE || !headSent || (complete && (!bodySent || body != null));
    }

    private boolean on(long any) {
        return policy != null && (conditions & any) != 0;
    }

    private boolean on(RetryOn condition) {
        return on(condition.bit());
    }

    /** Nothing was sent. */
    boolean onConnectFailure() {
        return on(NOT_SENT);
    }

    /** The connection ended, or the time for one try did, without an answer. */
    boolean onNoAnswer() {
        return on(NO_ANSWER);
    }

    /** The host said that it did nothing with the request. */
    boolean onRefused() {
        return on(REFUSED);
    }

    boolean onAnswer(ResponseHead answer) {
        if (policy == null) {
            return false;
        }
        int status = answer.status();
        return (status >= 500 && on(RetryOn.SERVER_ERROR))
                || (status >= 502 && status <= 504 && on(RetryOn.GATEWAY_ERROR))
                || (status == 409 && on(RetryOn.RETRIABLE_4XX))
                || codes.get(status)
                || (on(GRPC) && onGrpcStatus(answer));
    }

    /** Of an answer that has no body: the status stands in its head. */
    private boolean onGrpcStatus(ResponseHead answer) {
        return switch (Grpc.status(answer, new ByteSlice())) {
            case 1 -> on(RetryOn.CANCELLED);
            case 4 -> on(RetryOn.DEADLINE_EXCEEDED);
            case 8 -> on(RetryOn.RESOURCE_EXHAUSTED);
            case 13 -> on(RetryOn.INTERNAL);
            case 14 -> on(RetryOn.UNAVAILABLE);
            default -> false;
        };
    }

    /** After a failure that the policy has a word for. A place among the cluster's retries is taken for AGAIN. */
    Next next(Breakers breakers) {
        giveBack(breakers);
        if (retries >= Objects.requireNonNull(policy).attempts()) {
            return Next.LIMIT;
        }
        if (!breakers.take(Breakers.Resource.RETRY)) {
            return Next.OVERFLOW;
        }
        breakerTaken = true;
        retries++;
        return Next.AGAIN;
    }

    /** How long to wait before the attempt that {@link #next} granted: by chance up to a limit that doubles. */
    long backoffNanos(SplittableRandom random) {
        RetryPolicy by = Objects.requireNonNull(policy);
        long longest = by.maxBackoff().toNanos();
        double limit = (double) by.backoff().toNanos() * (Math.scalb(1.0, Math.min(retries, 62)) - 1);
        return random.nextLong(Math.max(1, (long) Math.min(limit, (double) longest)));
    }

    /**
     * A connection that had carried requests before and ends with this one: its host had most likely given it up, so
     * that its end says nothing about the request. Once, for what may be done twice (RFC 9110 section 9.2.2), or what
     * the host has said that it did not look at (RFC 9113 section 8.7).
     *
     * @param stale the connection had carried requests, and nothing of the answer has come
     */
    boolean onStale(boolean stale, boolean untouched, RequestHead head, BodyKind kind) {
        boolean harmless = untouched || (stale && kind == BodyKind.NONE && idempotent(head.method()));
        if (!harmless || staleRetried || bodySent) {
            return false;
        }
        staleRetried = true;
        return true;
    }

    boolean tryTimedOut(long now) {
        return policy != null
                && !policy.perTryTimeout().isZero()
                && now - last > policy.perTryTimeout().toNanos();
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

    void giveBack(Breakers breakers) {
        if (breakerTaken) {
            breakerTaken = false;
            breakers.giveBack(Breakers.Resource.RETRY);
        }
    }
}
