package lateen.proxy.admin;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * Sends one answer in pieces, as fast as the client reads: no more than the channel's write buffer is in memory besides
 * the answer's own text. On the loop.
 */
final class ReplyWriter {
    private static final int PIECE = 8192;
    /** RFC 9110 section 5.6.7. */
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private final Reply reply;
    private final boolean keep;
    private final boolean withBody;
    private final Runnable done;
    private boolean headWritten;
    private boolean finished;
    private int written;

    /**
     * @param withBody false: the head alone, as HEAD asks for
     * @param done run once, when all was sent or the connection ended
     */
    ReplyWriter(Reply reply, boolean keep, boolean withBody, Runnable done) {
        this.reply = reply;
        this.keep = keep;
        this.withBody = withBody;
        this.done = done;
    }

    /** Writes what the channel takes now; to be called again when it takes more. */
    void pump(ChannelHandlerContext ctx) {
        CharSequence body = reply.body();
        int end = withBody ? body.length() : 0;
        ChannelFuture last = null;
        if (!headWritten) {
            headWritten = true;
            last = ctx.write(ascii(ctx.alloc(), head()));
        }
        while (written < end && ctx.channel().isWritable()) {
            int to = Math.min(end, written + PIECE);
            if (to < end && Character.isHighSurrogate(body.charAt(to - 1))) {
                to--;
            }
            ByteBuf piece = ctx.alloc().directBuffer(ByteBufUtil.utf8MaxBytes(to - written));
            ByteBufUtil.writeUtf8(piece, body, written, to);
            written = to;
            last = ctx.write(piece);
        }
        if (last != null) {
            if (written == end) {
                last.addListener(result -> gone());
            }
            ctx.flush();
        }
    }

    /** Nothing more can or need be sent. */
    void gone() {
        if (!finished) {
            finished = true;
            done.run();
        }
    }

    /** The header lines that Envoy's own interface sends. */
    private String head() {
        return "HTTP/1.1 " + reply.status() + "\r\ncontent-type: " + reply.type()
                + "\r\ncache-control: no-cache, max-age=0\r\nx-content-type-options: nosniff\r\ndate: "
                + DATE.format(Instant.now()) + "\r\ncontent-length: " + ByteBufUtil.utf8Bytes(reply.body())
                + (keep ? "\r\n\r\n" : "\r\nconnection: close\r\n\r\n");
    }

    static ByteBuf ascii(ByteBufAllocator allocator, String text) {
        return ByteBufUtil.writeAscii(allocator, text);
    }
}
