package lateen.proxy.listener;

import io.netty.channel.ChannelHandlerContext;
import java.util.function.Consumer;
import lateen.decision.config.ProxyProtocol;
import lateen.proxy.proxyprotocol.HeaderRead;
import lateen.proxy.proxyprotocol.HeaderReader;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What comes before inspection: the header of proxy protocol, if the listener wants one, and the listener of the
 * connection's destination, which may be another one and want a header itself; it comes once. Where one is needed,
 * nothing is served without, not even after the listener's timeout. Owned by the connection's loop.
 */
final class Preamble {
    private static final Logger log = LoggerFactory.getLogger(Preamble.class);

    private final ChannelHandlerContext ctx;
    private final HeldBytes held;
    private final Consumer<Arrived> next;
    private Arrived arrived;
    private Inspector clock;
    /** A header was there, or was found not to be. */
    private boolean told;

    private boolean over;

    /**
     * @param held what the client has said until now; a header is taken out of it
     * @param next what follows, with the listener that the connection belongs to
     */
    Preamble(ChannelHandlerContext ctx, Arrived accepted, HeldBytes held, Consumer<Arrived> next) {
        this.ctx = ctx;
        this.arrived = accepted;
        this.held = held;
        this.next = next;
        this.clock = clock(accepted);
    }

    private static Inspector clock(Arrived at) {
        return new Inspector(at.listener().config().inspectors(), at.worker());
    }

    private @Nullable ProxyProtocol wanted() {
        return told ? null : arrived.listener().config().inspectors().proxyProtocol();
    }

    /** At the start, and whenever more bytes are held. */
    void read() {
        if (over) {
            return;
        }
        ProxyProtocol wanted = wanted();
        if (wanted == null) {
            handOver();
            return;
        }
        switch (HeaderReader.read(held.peek(), wanted)) {
            case HeaderRead.NeedMore _ -> clock.await(() -> late(wanted));
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
            case HeaderRead.Bad(String reason) -> refuse(reason);
        }
    }

    private void done() {
        told = true;
        clock.stop();
        handOver();
    }

    private void handOver() {
        Arrived other = arrived.handedOver();
        if (other.equals(arrived) || told) {
            over = true;
            next.accept(other);
        } else {
            arrived = other;
            clock = clock(other);
            read();
        }
    }

    private void late(ProxyProtocol wanted) {
        if (over) {
            return;
        }
        if (wanted.optional() && clock.continues()) {
            done();
        } else {
            refuse("no header within the listener's timeout");
        }
    }

    private void refuse(String reason) {
        stop();
        log.info(
                "listener {}: proxy protocol from {}: {}: closed",
                arrived.acceptedBy(),
                arrived.connection().peer(),
                reason);
        arrived.refuse(ctx, TurnedAway.because("proxy_protocol_error", ""), null);
    }

    void stop() {
        over = true;
        clock.stop();
    }
}
