package lateen.proxy.admin;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import lateen.decision.request.ByteSlice;
import lateen.decision.request.HeaderName;
import lateen.proxy.http1.BodyError;
import lateen.proxy.http1.BodyProgress;
import lateen.proxy.http1.BodyReader;
import lateen.proxy.http1.BodyResult;
import lateen.proxy.http1.HeadError;
import lateen.proxy.http1.HeadLimits;
import lateen.proxy.http1.HeadParser;
import lateen.proxy.http1.HeadProgress;
import lateen.proxy.http1.RequestHead;
import org.jspecify.annotations.Nullable;

/**
 * One client: HTTP/1.1 with keep-alive, one request at a time. What comes after a request waits until it is answered:
 * reading pauses. Buffers read are released here. One deadline at a time closes a client that is too slow.
 */
final class AdminConnection extends ChannelInboundHandlerAdapter {

    private static final HeadLimits HEAD = new HeadLimits(AdminLimits.HEAD_BYTES, AdminLimits.HEADERS);
    private static final HeaderName ORIGIN = HeaderName.of("origin");
    /** How long a client that is to be closed may go on sending, so that it can still read why. */
    private static final Duration LINGER = Duration.ofSeconds(2);

    private enum State {
        /** Between requests, or within a head. */
        HEAD,
        BODY,
        ANSWERING,
        CLOSING
    }

    private final AdminPort port;
    private final AdminLimits limits;
    private final PageThread pages;
    private final ReplySlots slots;
    private final RequestHead head = new RequestHead();
    private final HeadParser parser = new HeadParser(head, HEAD);
    private final BodyReader body = new BodyReader();
    private State state = State.HEAD;
    /** Bytes that wait for the present answer. */
    private @Nullable ByteBuf pending;

    private @Nullable ReplyWriter writer;
    private boolean holdsSlot;
    private boolean requestBegan;
    /** As {@link System#nanoTime}. */
    private long deadline;

    AdminConnection(AdminPort port, AdminLimits limits, PageThread pages, ReplySlots slots) {
        this.port = port;
        this.limits = limits;
        this.pages = pages;
        this.slots = slots;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        within(limits.request());
        watch(ctx, Math.min(limits.request().toNanos(), LINGER.toNanos()));
    }

    private void within(Duration time) {
        deadline = System.nanoTime() + time.toNanos();
    }

    /** One timer for all deadlines; a deadline that became shorter is noticed a linger late at most. */
    private void watch(ChannelHandlerContext ctx, long nanos) {
        ctx.executor()
                .schedule(
                        () -> {
                            if (!ctx.channel().isActive()) {
                                return;
                            }
                            long left = deadline - System.nanoTime();
                            if (left <= 0) {
                                ctx.close();
                            } else {
                                watch(ctx, Math.min(left, LINGER.toNanos()));
                            }
                        },
                        nanos,
                        TimeUnit.NANOSECONDS);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        ByteBuf before = pending;
        if (before != null) {
            before.writeBytes(in);
            in.release();
            return;
        }
        read(ctx, in);
    }

    private void read(ChannelHandlerContext ctx, ByteBuf in) {
        while (in.isReadable()) {
            switch (state) {
                case HEAD -> readHead(ctx, in);
                case BODY -> readBody(ctx, in);
                case ANSWERING -> {
                    pending = in;
                    return;
                }
                case CLOSING -> in.skipBytes(in.readableBytes());
            }
        }
        in.release();
    }

    private void readHead(ChannelHandlerContext ctx, ByteBuf in) {
        if (!requestBegan) {
            requestBegan = true;
            within(limits.request());
        }
        switch (parser.feed(in)) {
            case HeadProgress.NEED_MORE -> {}
            case HeadProgress.COMPLETE -> {
                body.start(head.bodyKind(), head.contentLength());
                if (head.contentLength() > AdminLimits.BODY_BYTES) {
                    refuse(ctx, Status.CONTENT_TOO_LARGE, tooLarge());
                } else if (body.done()) {
                    answer(ctx);
                } else {
                    state = State.BODY;
                    if (head.expectsContinue()) {
                        ctx.writeAndFlush(ReplyWriter.ascii(ctx.alloc(), "HTTP/1.1 100 Continue\r\n\r\n"));
                    }
                }
            }
            case HeadError wrong ->
                refuse(ctx, Status.ofHead(wrong.status()), "request not understood: " + wrong + "\n");
        }
    }

    private void readBody(ChannelHandlerContext ctx, ByteBuf in) {
        BodyResult result = body.read(in, ByteBuf::release);
        if (body.payloadBytes() > AdminLimits.BODY_BYTES) {
            refuse(ctx, Status.CONTENT_TOO_LARGE, tooLarge());
            return;
        }
        switch (result) {
            case BodyProgress.NEED_MORE -> {}
            case BodyProgress.DONE -> answer(ctx);
            case BodyError wrong -> refuse(ctx, Status.BAD_REQUEST, "body not understood: " + wrong + "\n");
        }
    }

    private static String tooLarge() {
        return "body too large (expected: at most " + AdminLimits.BODY_BYTES + " bytes, and none is needed)\n";
    }

    /** The stream behind it cannot be trusted any more. */
    private void refuse(ChannelHandlerContext ctx, Status status, String why) {
        begin(ctx);
        send(ctx, Reply.refuse(status, why), false, true);
    }

    private void begin(ChannelHandlerContext ctx) {
        state = State.ANSWERING;
        ctx.channel().config().setAutoRead(false);
        within(limits.reply());
    }

    private void answer(ChannelHandlerContext ctx) {
        begin(ctx);
        String method = head.method().toString();
        boolean keep = head.keepAlive();
        boolean withBody = !head.isHead();
        Query query;
        try {
            query = Query.parse(head.path().toString());
        } catch (IllegalArgumentException e) {
            send(ctx, Reply.refuse(Status.BAD_REQUEST, "query: " + e.getMessage() + "\n"), keep, withBody);
            return;
        }
        Page page = port.pages().find(query.path());
        Reply refused = refusal(method, page);
        if (refused != null) {
            send(ctx, refused, keep, withBody);
        } else if (page == null) {
            send(
                    ctx,
                    Reply.refuse(
                            Status.NOT_FOUND, "invalid path. " + port.pages().list()),
                    keep,
                    withBody);
        } else if (page.quick()) {
            send(ctx, PageThread.answer(page, query), keep, withBody);
        } else {
            slots.acquire(() -> make(ctx, page, query, keep, withBody));
        }
    }

    private @Nullable Reply refusal(String method, @Nullable Page page) {
        if (port.localNamesOnly() && !HostCheck.local(head.authority().toString())) {
            return Reply.refuse(
                    Status.FORBIDDEN, "Host '" + head.authority() + "' (expected: localhost or a loopback address)\n");
        }
        boolean post = method.equals("POST");
        if (page != null && page.changes() && !post) {
            return Reply.refuse(Status.METHOD_NOT_ALLOWED, "Method " + method + " not allowed, POST required.");
        }
        if (!post && !method.equals("GET") && !method.equals("HEAD")) {
            return Reply.refuse(Status.METHOD_NOT_ALLOWED, "Method " + method + " not allowed, GET required.");
        }
        // Browsers send it with every POST of a page: none has business here.
        if (post && head.header(ORIGIN, new ByteSlice()) > 0) {
            return Reply.refuse(
                    Status.FORBIDDEN, "a POST with an Origin header comes from a web page (expected: none)\n");
        }
        return null;
    }

    private void make(ChannelHandlerContext ctx, Page page, Query query, boolean keep, boolean withBody) {
        if (!ctx.channel().isActive()) {
            slots.release();
            return;
        }
        holdsSlot = true;
        pages.make(
                page,
                query,
                reply -> ctx.executor().execute(() -> {
                    if (ctx.channel().isActive()) {
                        send(ctx, reply, keep, withBody);
                    } else {
                        freeSlot();
                    }
                }));
    }

    private void send(ChannelHandlerContext ctx, Reply reply, boolean keep, boolean withBody) {
        ReplyWriter fresh = new ReplyWriter(reply, keep, withBody, () -> sent(ctx, reply, keep));
        writer = fresh;
        fresh.pump(ctx);
    }

    /** The last byte has left, or the connection is gone. */
    private void sent(ChannelHandlerContext ctx, Reply reply, boolean keep) {
        writer = null;
        freeSlot();
        if (reply.afterwards() != null) {
            reply.afterwards().run();
        }
        if (!ctx.channel().isActive()) {
            return;
        }
        ctx.channel().config().setAutoRead(true);
        if (!keep) {
            state = State.CLOSING;
            within(LINGER);
            ((DuplexChannel) ctx.channel()).shutdownOutput();
        } else {
            state = State.HEAD;
            requestBegan = false;
            parser.reset();
            within(limits.idle());
        }
        ByteBuf next = pending;
        if (next != null) {
            pending = null;
            read(ctx, next);
        }
    }

    private void freeSlot() {
        if (holdsSlot) {
            holdsSlot = false;
            slots.release();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (writer != null) {
            writer.pump(ctx);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (pending != null) {
            pending.release();
            pending = null;
        }
        if (writer != null) {
            writer.gone();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // A client that resets its connection; nothing of ours throws here.
        ctx.close();
    }
}
