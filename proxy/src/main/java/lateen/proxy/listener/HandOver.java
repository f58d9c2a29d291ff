package lateen.proxy.listener;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import lateen.proxy.http.CodecChoice;
import lateen.proxy.program.ChainProgram;
import lateen.proxy.tcp.TcpDial;
import lateen.proxy.tcp.TcpSession;
import org.jspecify.annotations.Nullable;

/** The last step of a connection's start: the handler that ends its chain. */
final class HandOver {
    private HandOver() {}

    /**
     * Puts the terminal handler into the place of the present one, which is removed.
     *
     * @param dialled for a chain that ends in TCP; null: the session dials itself
     * @param early what the client has sent already; the new handler's now
     * @param inputEnded the client has said all
     */
    static void replace(
            ChannelHandlerContext present,
            Arrived arrived,
            ChainProgram chain,
            @Nullable TcpDial dialled,
            ByteBuf early,
            boolean inputEnded)
            throws Exception {
        ChannelInboundHandler terminal = switch (chain.terminal()) {
            case ChainProgram.Terminal.Tcp(var tcp) ->
                new TcpSession(
                        arrived.live(),
                        arrived.worker(),
                        arrived.program(),
                        arrived.connection(),
                        arrived.listener(),
                        tcp,
                        dialled);
            case ChainProgram.Terminal.Http(var http) ->
                CodecChoice.of(arrived.live(), arrived.worker(), arrived.connection(), arrived.listener(), chain, http);
        };
        present.pipeline().replace(present.handler(), "serve", terminal);
        ChannelHandlerContext next = present.pipeline().context(terminal);
        if (early.isReadable() && next != null) {
            terminal.channelRead(next, early);
            terminal.channelReadComplete(next);
        } else {
            early.release();
        }
        if (inputEnded && next != null && !next.isRemoved()) {
            terminal.userEventTriggered(next, ChannelInputShutdownEvent.INSTANCE);
        }
    }
}
