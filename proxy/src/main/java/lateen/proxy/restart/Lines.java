package lateen.proxy.restart;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.unix.FileDescriptor;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Takes lines and descriptors from the other process. Owned by the connection's loop. */
abstract class Lines extends ChannelInboundHandlerAdapter {
    /** Of a counter with long labels; more is no line of ours. */
    private static final int LONGEST = 64 * 1024;

    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    abstract void line(Channel from, String text);

    void descriptor(Channel from, FileDescriptor descriptor) {
        throw new IllegalStateException("a descriptor that was not asked for");
    }

    /** The other process has closed, or is gone. */
    abstract void ended(String why);

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof FileDescriptor descriptor) {
            descriptor(ctx.channel(), descriptor);
            return;
        }
        ByteBuf bytes = (ByteBuf) message;
        try {
            while (bytes.isReadable()) {
                byte b = bytes.readByte();
                if (b != '\n') {
                    line.write(b);
                    if (line.size() > LONGEST) {
                        throw new IllegalStateException("a line of more than " + LONGEST + " bytes");
                    }
                } else {
                    String text = line.toString(StandardCharsets.UTF_8);
                    line.reset();
                    line(ctx.channel(), text);
                }
            }
        } finally {
            bytes.release();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        ended("the other process has closed the connection");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ended(String.valueOf(cause.getMessage()));
        ctx.close();
    }

    static void send(Channel to, CharSequence lines) {
        to.writeAndFlush(Unpooled.copiedBuffer(lines, StandardCharsets.UTF_8));
    }
}
