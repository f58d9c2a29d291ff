package lateen.proxy.admin;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.FixedRecvByteBufAllocator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes the connections of one port, up to its limit. Owned by the event loop; shared by the port's addresses. */
@Sharable
final class AdminAcceptor extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(AdminAcceptor.class);

    /** Bytes read at a time: the usual request is smaller. */
    private static final int READ = 2048;

    private final AdminPort port;
    private final ByteBufAllocator allocator;
    private final AdminLimits limits;
    private final PageThread pages;
    private final ReplySlots slots = new ReplySlots(AdminLimits.REPLIES);
    private final Set<Channel> open = new HashSet<>();

    AdminAcceptor(AdminPort port, ByteBufAllocator allocator, AdminLimits limits, PageThread pages) {
        this.port = port;
        this.allocator = allocator;
        this.limits = limits;
        this.pages = pages;
    }

    @SuppressWarnings("ReferenceEquality") // two ports may be described alike
    boolean serves(AdminPort asked) {
        return port == asked;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        Channel accepted = (Channel) message;
        if (open.size() >= limits.connections()) {
            accepted.unsafe().closeForcibly();
            return;
        }
        open.add(accepted);
        accepted.config().setAllocator(allocator);
        accepted.config().setRecvByteBufAllocator(new FixedRecvByteBufAllocator(READ).maxMessagesPerRead(1));
        accepted.pipeline().addLast(new AdminConnection(port, limits, pages, slots));
        accepted.closeFuture().addListener(closed -> open.remove(accepted));
        ctx.channel().eventLoop().register(accepted).addListener(done -> {
            if (!done.isSuccess()) {
                accepted.unsafe().closeForcibly();
            }
        });
    }

    void closeAll() {
        List.copyOf(open).forEach(Channel::close);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // Out of file descriptors: accepting again at once would spin. A second lets connections end.
        LOG.warn("{}: cannot accept: {}; pausing for a second", port.purpose(), cause.getMessage());
        ctx.channel().config().setAutoRead(false);
        ctx.channel().eventLoop().schedule(() -> ctx.channel().config().setAutoRead(true), 1, TimeUnit.SECONDS);
    }
}
