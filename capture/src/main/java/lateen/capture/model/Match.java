package lateen.capture.model;

import java.util.EnumSet;
import java.util.Set;

/** One condition of a rule. The variants are those that capture writes; other people's conditions stay opaque. */
public sealed interface Match {
    /** Source address: {@code -s}. */
    record Source(Cidr range, boolean negated) implements Match {}

    /** Destination address: {@code -d}. */
    record Destination(Cidr range, boolean negated) implements Match {}

    /** Interface of arrival, a trailing {@code +} matching any rest: {@code -i}. */
    record InInterface(String name, boolean negated) implements Match {}

    /** Interface of departure, a trailing {@code +} matching any rest: {@code -o}. */
    record OutInterface(String name, boolean negated) implements Match {}

    /** Transport protocol: {@code -p}. */
    record Transport(Protocol protocol) implements Match {}

    /** Source port, 0..65535. */
    record SourcePort(Protocol protocol, int port, boolean negated) implements Match {}

    /** Destination port, 0..65535. */
    record DestinationPort(Protocol protocol, int port, boolean negated) implements Match {}

    /** User id of the socket that sends; only locally made packets have one. */
    record User(IdRange ids, boolean negated) implements Match {}

    /** Group id of the socket that sends; only locally made packets have one. */
    record Group(IdRange ids, boolean negated) implements Match {}

    /** Mark of the packet, all 32 bits compared. */
    record Mark(long mark, boolean negated) implements Match {}

    /** Mark of the connection, all 32 bits compared. */
    record ConnectionMark(long mark, boolean negated) implements Match {}

    /** What conntrack says of the packet. */
    record State(Set<ConnectionState> states) implements Match {
        public State {
            states = EnumSet.copyOf(states);
        }
    }

    /** Which way the packet goes: as the connection's first one, or back. Only what conntrack follows has a direction. */
    record Direction(boolean reply) implements Match {}

    /** Conntrack's states, in the order in which the kernel's tools list them. */
    enum ConnectionState {
        INVALID,
        NEW,
        RELATED,
        ESTABLISHED,
        UNTRACKED
    }

    /** Place within the listing: the kernel's tools print addresses, interfaces and protocol first. */
    default int rank() {
        return switch (this) {
            case Source _ -> 0;
            case Destination _ -> 1;
            case InInterface _ -> 2;
            case OutInterface _ -> 3;
            case Transport _ -> 4;
            case SourcePort _, DestinationPort _, User _, Group _, Mark _, ConnectionMark _, State _, Direction _ -> 5;
        };
    }
}
