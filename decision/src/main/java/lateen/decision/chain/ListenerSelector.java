package lateen.decision.chain;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import lateen.decision.Compiled;
import lateen.decision.config.ListenerConfig;
import lateen.decision.net.IpAddress;
import lateen.decision.net.SocketAddr;
import org.jspecify.annotations.Nullable;

/**
 * Finds the listener that a captured connection is handed to. Envoy: {@code Listener.use_original_dst} and {@code
 * bind_to_port}.
 *
 * <p>Only listeners without a socket of their own take part: handing over to one that is bound could lead a connection
 * that was dialled directly back to the listener that holds it. Immutable.
 */
public final class ListenerSelector {

    private static final IpAddress ANY_V4 = IpAddress.v4(0);
    private static final IpAddress ANY_V6 = new IpAddress(0, 0, true);

    private final Map<SocketAddr, ListenerConfig> listeners;

    private ListenerSelector(Map<SocketAddr, ListenerConfig> listeners) {
        this.listeners = listeners;
    }

    /** A conflict when two listeners without a socket have one address. */
    public static Compiled<ListenerSelector> compile(Collection<ListenerConfig> listeners) {
        Map<SocketAddr, ListenerConfig> byAddress = new HashMap<>();
        for (ListenerConfig listener : listeners) {
            if (listener.bindToPort()) {
                continue;
            }
            for (SocketAddr address : listener.addresses()) {
                ListenerConfig other = byAddress.put(address, listener);
                if (other != null && !other.name().equals(listener.name())) {
                    return new Compiled.Conflict<>(
                            other.name(),
                            listener.name(),
                            "listeners '" + other.name() + "' and '" + listener.name() + "' both have the address "
                                    + address + " (expected: one listener an address)");
                }
            }
        }
        return new Compiled.Ready<>(new ListenerSelector(byAddress));
    }

    /**
     * The listener of that address and port, else the one for any address of its family and that port. Once for each
     * connection: allocates two keys.
     *
     * @return null: none; the connection stays with the listener that accepted it
     */
    public @Nullable ListenerConfig select(IpAddress destination, int port) {
        ListenerConfig exact = listeners.get(new SocketAddr(destination, port));
        return exact != null ? exact : listeners.get(new SocketAddr(destination.v6() ? ANY_V6 : ANY_V4, port));
    }
}
