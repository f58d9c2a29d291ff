package lateen.proxy.listener;

import io.netty.channel.ChannelHandlerContext;
import lateen.proxy.accesslog.LogEntry;
import lateen.proxy.connection.Downstream;
import lateen.proxy.loop.Worker;
import lateen.proxy.program.ChainProgram;
import lateen.proxy.program.ListenerProgram;
import lateen.proxy.program.Live;
import lateen.proxy.program.Program;
import org.jspecify.annotations.Nullable;

/**
 * A connection whose destination is known, and all that its way to a chain needs.
 *
 * @param acceptedBy the listener with the socket; {@code listener} may be another, to which it was handed over
 */
record Arrived(
        Live live, Worker worker, Program program, String acceptedBy, ListenerProgram listener, Downstream connection) {

    /** The same for the listener of its destination, if that is another one. */
    Arrived handedOver() {
        ListenerProgram other = program.forDestination(listener, connection.destination());
        return other.equals(listener) ? this : new Arrived(live, worker, program, acceptedBy, other, connection);
    }

    /**
     * The only end of a connection that is not served: one line, then closed.
     *
     * @param chain null: none was chosen yet
     */
    void refuse(ChannelHandlerContext ctx, LogEntry entry, @Nullable ChainProgram chain) {
        TurnedAway.write(entry, connection, listener, chain, worker);
        ctx.close();
    }
}
