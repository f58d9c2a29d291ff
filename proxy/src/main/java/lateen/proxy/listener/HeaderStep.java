package lateen.proxy.listener;

import io.netty.channel.ChannelHandlerContext;
import lateen.decision.config.ProxyProtocol;
import lateen.proxy.proxyprotocol.HeaderRead;
import lateen.proxy.proxyprotocol.HeaderReader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The header of proxy protocol that a listener wants before everything else. Where one is needed, nothing is served
 * without, not even after the listener's timeout. Owned by the connection's loop.
 */
final class HeaderStep {
    private static final Logger log = LoggerFactory.getLogger(HeaderStep.class);

    private final ProxyProtocol wanted;
    private final Arrived arrived;
    private final Inspector clock;
    private final Runnable next;
    private boolean over;

    /** @param next what follows when the header is read, or was found not to be there */
    HeaderStep(ProxyProtocol wanted, Arrived arrived, Inspector clock, Runnable next) {
        this.wanted = wanted;
        this.arrived = arrived;
        this.clock = clock;
        this.next = next;
    }

    void read(ChannelHandlerContext ctx, HeldBytes held) {
        if (over) {
            return;
        }
        switch (HeaderReader.read(held.peek(), wanted)) {
            case HeaderRead.NeedMore _ -> clock.await(() -> late(ctx));
            case HeaderRead.Absent _ -> done();
            case HeaderRead.Silent(int length) -> {
                held.skip(length);
                done();
            }
            case HeaderRead.Found(var header, int length) -> {
                held.skip(length);
                arrived.connection().told(header);
                done();
            }
            case HeaderRead.Bad(String reason) -> refuse(ctx, reason);
        }
    }

    private void late(ChannelHandlerContext ctx) {
        if (over) {
            return;
        }
        if (wanted.optional() && clock.continues()) {
            done();
        } else {
            refuse(ctx, "no header within the listener's timeout");
        }
    }

    private void done() {
        over = true;
        clock.stop();
        next.run();
    }

    private void refuse(ChannelHandlerContext ctx, String reason) {
        over = true;
        clock.stop();
        log.info(
                "listener {}: proxy protocol from {}: {}: closed",
                arrived.acceptedBy(),
                arrived.connection().peer(),
                reason);
        arrived.refuse(ctx, TurnedAway.because("proxy_protocol_error", ""), null);
    }
}
