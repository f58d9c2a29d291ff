package lateen.proxy.listener;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import lateen.proxy.loop.Worker;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Deals accepted connections out to the workers in turn. On the accepting loop. */
final class Acceptor extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(Acceptor.class);

    private final String listener;
    private final List<Worker> workers;
    private final ConnectionStarter starter;
    private final BooleanSupplier accepting;
    private int next;

    /** Puts the first handler on a connection; false: it is not to be served, and is closed. */
    interface ConnectionStarter {
        boolean start(String listener, Channel accepted, Worker worker);
    }

    /** @param accepting whether connections are wanted at all */
    Acceptor(String listener, List<Worker> workers, ConnectionStarter starter, BooleanSupplier accepting) {
        this.accepting = accepting;
        this.listener = listener;
        this.workers = workers;
        this.starter = starter;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        Channel accepted = (Channel) message;
        Worker worker = workers.get(next);
        next = (next + 1) % workers.size();
        if (!starter.start(listener, accepted, worker)) {
            accepted.unsafe().closeForcibly();
            return;
        }
        worker.loop().register(accepted).addListener(done -> {
            if (!done.isSuccess()) {
                accepted.unsafe().closeForcibly();
            }
        });
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // Out of file descriptors: accepting again at once would spin. A second lets connections end.
        log.warn("listener {}: cannot accept: {}; pausing for a second", listener, cause.getMessage());
        ctx.channel().config().setAutoRead(false);
        ctx.channel()
                .eventLoop()
                .schedule(() -> ctx.channel().config().setAutoRead(accepting.getAsBoolean()), 1, TimeUnit.SECONDS);
    }
}
