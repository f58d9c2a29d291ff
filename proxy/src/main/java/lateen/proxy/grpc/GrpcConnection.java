package lateen.proxy.grpc;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.AbstractHttp2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.util.collection.IntObjectHashMap;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import lateen.proxy.tls.TlsFacts;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/2 connection to a host (RFC 9113, by prior knowledge; ALPN is offered as the cluster says), carrying calls.
 *
 * <p>Buffers: data frames are copied into the answer of their call. Flow control: consumed as it comes; an answer is
 * bounded by {@link UnaryCall#LARGEST_ANSWER}, headers by {@link #HEADERS}. Closing: after GOAWAY, or {@link #retire},
 * when the last call is over; when the connection breaks its calls fail.
 */
final class GrpcConnection extends Http2ConnectionHandler {
    /** Of an answer's headers or trailers, in bytes. */
    private static final int HEADERS = 16 * 1024;

    private final GrpcPool pool;
    private final String scheme;
    private final IntObjectHashMap<UnaryCall> calls = new IntObjectHashMap<>();
    private @Nullable ChannelHandlerContext context;
    private boolean retired;
    private boolean ended;
    /** As {@link System#nanoTime}. */
    private long lastRead = System.nanoTime();

    private GrpcConnection(
            Http2ConnectionDecoder decoder,
            Http2ConnectionEncoder encoder,
            Http2Settings settings,
            GrpcPool pool,
            boolean secure) {
        super(decoder, encoder, settings);
        this.pool = pool;
        this.scheme = secure ? "https" : "http";
    }

    static GrpcConnection over(GrpcPool pool, boolean secure) {
        return new Builder(pool, secure).build();
    }

    private static final class Builder extends AbstractHttp2ConnectionHandlerBuilder<GrpcConnection, Builder> {
        private final GrpcPool pool;
        private final boolean secure;

        Builder(GrpcPool pool, boolean secure) {
            this.pool = pool;
            this.secure = secure;
            server(false);
            gracefulShutdownTimeoutMillis(0);
            initialSettings(Http2Settings.defaultSettings().pushEnabled(false).maxHeaderListSize(HEADERS));
            // Calls above the host's own limit wait for one before them to end.
            encoderEnforceMaxConcurrentStreams(true);
        }

        @Override
        protected GrpcConnection build() {
            return super.build();
        }

        @Override
        protected GrpcConnection build(
                Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
            GrpcConnection made = new GrpcConnection(decoder, encoder, settings, pool, secure);
            frameListener(made.new Frames());
            return made;
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
        context = ctx;
        super.handlerAdded(ctx);
    }

    /** Whether another call can be sent. */
    boolean takesCalls() {
        return !retired
                && !ended
                && !connection().goAwayReceived()
                && Objects.requireNonNull(context).channel().isActive()
                && connection().local().lastStreamCreated() < Integer.MAX_VALUE - 1024;
    }

    boolean idle() {
        return calls.isEmpty();
    }

    void send(UnaryCall call) {
        ChannelHandlerContext ctx = Objects.requireNonNull(context);
        if (!takesCalls()) {
            call.unprocessed(CallFailure.unavailable("the connection is at its end"), pool.pools());
            return;
        }
        int id = connection().local().incrementAndGetNextStreamId();
        call.stream = id;
        call.sentAt = System.nanoTime();
        calls.put(id, call);
        encoder()
                .writeHeaders(ctx, id, headers(call), 0, false, ctx.newPromise())
                .addListener(done -> {
                    if (!done.isSuccess()) {
                        unsent(id, done.cause());
                    }
                });
        if (calls.get(id) == call) {
            encoder().writeData(ctx, id, call.message(), 0, true, ctx.newPromise());
            flush(ctx);
        }
    }

    private Http2Headers headers(UnaryCall call) {
        UnaryCall.Method method = call.method();
        Http2Headers headers = new DefaultHttp2Headers(false, 8)
                .method("POST")
                .scheme(scheme)
                .path(method.path())
                .authority(method.authority().isEmpty() ? call.cluster().name() : method.authority());
        headers.add("te", "trailers");
        headers.add("content-type", "application/grpc");
        if (call.leftNanos() > 0) {
            // Rounded up, and with the eight digits at most that gRPC allows.
            headers.add("grpc-timeout", Math.min(99_999_999, call.leftNanos() / 1_000_000 + 1) + "m");
        }
        return headers;
    }

    private void unsent(int id, @Nullable Throwable cause) {
        UnaryCall call = calls.remove(id);
        if (call != null) {
            String said = cause == null ? "not sent" : String.valueOf(cause.getMessage());
            call.unprocessed(CallFailure.unavailable("not sent: " + said), pool.pools());
        }
        endIfIdle();
    }

    /** The caller does not wait any longer. */
    void reset(UnaryCall call) {
        if (calls.remove(call.stream) != null) {
            cancel(call.stream, Http2Error.CANCEL);
        }
        endIfIdle();
    }

    private void cancel(int stream, Http2Error error) {
        ChannelHandlerContext ctx = Objects.requireNonNull(context);
        if (!ended && ctx.channel().isActive()) {
            encoder().writeRstStream(ctx, stream, error.code(), ctx.newPromise());
            flush(ctx);
        }
    }

    /** A call has had no answer: unless something came since it was sent, the host may be gone without a word. */
    void suspect(UnaryCall call) {
        if (lastRead - call.sentAt <= 0) {
            retired = true;
        }
    }

    /** No more calls; those that are open may end. */
    void retire() {
        retired = true;
        endIfIdle();
    }

    private void endIfIdle() {
        if ((retired || connection().goAwayReceived()) && calls.isEmpty()) {
            closeNow();
        }
    }

    void closeNow() {
        if (context != null) {
            // From the end of the pipeline, so that this handler says GOAWAY.
            context.channel().close();
        }
    }

    private void failed(UnaryCall call, CallFailure failure) {
        calls.remove(call.stream);
        cancel(call.stream, Http2Error.CANCEL);
        call.fail(failure);
        endIfIdle();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
        lastRead = System.nanoTime();
        super.channelRead(ctx, message);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        end("the connection was closed");
        super.channelInactive(ctx);
    }

    /** What the peer did wrong ends the connection; its words are for the operator. */
    @Override
    protected void onConnectionError(
            ChannelHandlerContext ctx, boolean outbound, Throwable cause, @Nullable Http2Exception http2) {
        end(words(cause));
        super.onConnectionError(ctx, outbound, cause, http2);
    }

    @Override
    protected void onStreamError(
            ChannelHandlerContext ctx, boolean outbound, Throwable cause, Http2Exception.StreamException http2) {
        UnaryCall call = calls.remove(http2.streamId());
        super.onStreamError(ctx, outbound, cause, http2);
        if (call != null) {
            CallFailure failure = CallFailure.refused(words(cause));
            if (unprocessed(call.stream)) {
                call.unprocessed(failure, pool.pools());
            } else {
                call.fail(failure);
            }
        }
        endIfIdle();
    }

    /** GOAWAY has said that the host did not look at it. */
    private boolean unprocessed(int stream) {
        return connection().goAwayReceived() && stream > connection().local().lastStreamKnownByPeer();
    }

    private static String words(Throwable cause) {
        return (cause instanceof IOException ? "the connection broke: " : "not HTTP/2 as it should be: ")
                + TlsFacts.diagnosis(cause);
    }

    private void end(String reason) {
        if (!ended) {
            ended = true;
            pool.gone(this);
            List<UnaryCall> open = new ArrayList<>(calls.values());
            calls.clear();
            open.forEach(call -> call.fail(CallFailure.unavailable(reason)));
        }
    }

    /** What comes, for the call that it belongs to; what belongs to none is late and dropped. */
    private final class Frames extends Http2FrameAdapter {
        @Override
        public int onDataRead(ChannelHandlerContext ctx, int stream, ByteBuf data, int padding, boolean last) {
            int size = data.readableBytes() + padding;
            UnaryCall call = calls.get(stream);
            if (call != null) {
                CallFailure wrong = call.answer.data(data, last);
                if (wrong != null) {
                    failed(call, wrong);
                }
            }
            return size;
        }

        @Override
        public void onHeadersRead(
                ChannelHandlerContext ctx, int stream, Http2Headers headers, int padding, boolean last) {
            UnaryCall call = calls.get(stream);
            if (call == null || (headers.status() != null && headers.status().charAt(0) == '1')) {
                return;
            }
            CallFailure wrong = call.answer.headers(headers, last);
            if (wrong == null && last) {
                wrong = call.answer.complete();
            }
            if (wrong != null) {
                failed(call, wrong);
            } else if (last) {
                calls.remove(stream);
                call.answered(call.answer.array(), call.answer.start(), call.answer.size());
                endIfIdle();
            }
        }

        @Override
        public void onHeadersRead(
                ChannelHandlerContext ctx,
                int stream,
                Http2Headers headers,
                int dependency,
                short weight,
                boolean exclusive,
                int padding,
                boolean last) {
            onHeadersRead(ctx, stream, headers, padding, last);
        }

        @Override
        public void onRstStreamRead(ChannelHandlerContext ctx, int stream, long code) {
            UnaryCall call = calls.remove(stream);
            if (call != null) {
                Http2Error error = Http2Error.valueOf(code);
                CallFailure failure = CallFailure.unavailable("stream reset: " + (error == null ? code : error));
                if (error == Http2Error.REFUSED_STREAM) {
                    call.unprocessed(failure, pool.pools());
                } else {
                    call.fail(failure);
                }
            }
            endIfIdle();
        }

        @Override
        public void onGoAwayRead(ChannelHandlerContext ctx, int lastStream, long code, ByteBuf debug) {
            // Calls after the last one that the host looked at may be made elsewhere; after the present frame, so that
            // the codec is done with it.
            ctx.executor().execute(() -> {
                for (UnaryCall call : new ArrayList<>(calls.values())) {
                    if (call.stream > lastStream && calls.remove(call.stream) != null) {
                        call.unprocessed(CallFailure.unavailable("GOAWAY"), pool.pools());
                    }
                }
                endIfIdle();
            });
        }
    }

    /** Never waits for the other side: what is left to be said is said. */
    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) throws Exception {
        end("the connection was closed here");
        super.close(ctx, promise);
    }
}
