package lateen.proxy.listener;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import lateen.proxy.loop.Worker;

/** The server name that a ClientHello must ask for. Envoy: {@code require_sni}. Owned by the connection's loop. */
final class RequiredName {
    /** A fatal alert in a record of its own, RFC 8446 section 6.2. */
    private static final byte[] UNRECOGNIZED_NAME = {21, 3, 3, 0, 2, 2, 112};

    private final Consumer<String> refuse;
    private final Future<?> timeout;
    private boolean over;

    /** @param refuse called when no name comes, with the reason */
    RequiredName(Worker worker, long timeoutMillis, Consumer<String> refuse) {
        this.refuse = refuse;
        this.timeout =
                worker.loop().schedule(() -> refuse("no ClientHello in time"), timeoutMillis, TimeUnit.MILLISECONDS);
    }

    /**
     * Whether the handshake may begin; to be asked again when more bytes have come. What is no ClientHello is left to the
     * TLS library.
     */
    boolean isThere(ChannelHandlerContext ctx, ByteBuf hello) {
        Inspection seen = over ? new Inspection.NeedMore() : ClientHello.inspect(hello);
        if (seen instanceof Inspection.NeedMore) {
            return false;
        }
        stop();
        if (!(seen instanceof Inspection.Tls(String name, var _)) || !name.isEmpty()) {
            return true;
        }
        ctx.writeAndFlush(ctx.alloc().buffer(UNRECOGNIZED_NAME.length).writeBytes(UNRECOGNIZED_NAME));
        refuse.accept("the client names no server (expected: SNI, see require_sni)");
        return false;
    }

    private void refuse(String reason) {
        over = true;
        refuse.accept(reason);
    }

    void stop() {
        over = true;
        timeout.cancel(false);
    }
}
