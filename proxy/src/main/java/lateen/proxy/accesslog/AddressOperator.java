package lateen.proxy.accesslog;

import java.util.function.Function;
import lateen.decision.net.SocketAddr;
import org.jspecify.annotations.Nullable;

/**
 * An address of an entry. Connections and hosts keep their addresses as long as they live, so the texts of the last ones
 * are kept, found by the object. Log thread only.
 */
final class AddressOperator implements Operator {
    /** A power of two; a few kilobytes when full. */
    private static final int KEPT = 64;

    private record Text(SocketAddr of, String text) {}

    private final Function<LogEntry, @Nullable SocketAddr> value;
    private final boolean port;
    private final @Nullable Text[] kept = new @Nullable Text[KEPT];

    /** @param port whether it is written */
    AddressOperator(Function<LogEntry, @Nullable SocketAddr> value, boolean port) {
        this.value = value;
        this.port = port;
    }

    @Override
    public boolean write(LogEntry entry, LogBuffer out) {
        SocketAddr address = value.apply(entry);
        if (address == null) {
            return false;
        }
        out.value(text(address), Integer.MAX_VALUE);
        return true;
    }

    @SuppressWarnings("ReferenceEquality") // cheaper than to compare, and an equal one only costs its text again
    private String text(SocketAddr address) {
        int slot = System.identityHashCode(address) & (KEPT - 1);
        Text known = kept[slot];
        if (known == null || known.of != address) {
            known = new Text(
                    address,
                    port || address.isUnix() ? address.toString() : address.ip().toString());
            kept[slot] = known;
        }
        return known.text;
    }
}
