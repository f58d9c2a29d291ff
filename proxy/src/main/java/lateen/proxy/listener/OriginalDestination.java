package lateen.proxy.listener;

import io.netty.channel.Channel;
import lateen.decision.net.SocketAddr;
import org.jspecify.annotations.Nullable;

/** Tells where a connection wanted to go before it was captured. Called on the connection's loop. */
@FunctionalInterface
public interface OriginalDestination {
    /** Null: the connection was not captured, as far as can be told. */
    @Nullable
    SocketAddr of(Channel accepted);
}
