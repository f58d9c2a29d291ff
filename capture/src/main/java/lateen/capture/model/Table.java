package lateen.capture.model;

import java.util.Locale;
import java.util.Optional;

/** The kernel's tables, in the order in which a packet meets them at one hook. */
public enum Table {
    RAW,
    MANGLE,
    NAT,
    FILTER;

    /** The name as {@code iptables -t} takes it. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The table of this name; empty for those that capture never uses. */
    public static Optional<Table> of(String text) {
        for (Table table : values()) {
            if (table.text().equals(text)) {
                return Optional.of(table);
            }
        }
        return Optional.empty();
    }
}
