package lateen.capture.model;

import java.math.BigInteger;
import java.net.InetAddress;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** A part of a rule of any engine: a condition, or something that is done. What is not understood is kept by its text. */
public sealed interface Clause {
    /** Holds or does not; the rule ends where one does not. */
    sealed interface Condition extends Clause {}

    /** Is done when all conditions before it hold. */
    sealed interface Action extends Clause {}

    /** What a {@link NumberIs} looks at. */
    enum Key {
        PROTOCOL("protocol"),
        SOURCE_PORT("source port"),
        DESTINATION_PORT("destination port"),
        USER("user"),
        GROUP("group"),
        MARK("mark"),
        CONNECTION_MARK("connection's mark"),
        /** Address family: 4 or 6. */
        FAMILY("IP version");

        private final String words;

        Key(String words) {
            this.words = words;
        }

        /** In a sentence. */
        public String words() {
            return words;
        }
    }

    /** Numbers from {@code low} to {@code high}, both included, 0..2^32-1. */
    record Span(long low, long high) {
        public static Span one(long value) {
            return new Span(value, value);
        }

        public boolean contains(long value) {
            return value >= low && value <= high;
        }
    }

    /**
     * A number lies in one of the spans, after all bits outside of {@code mask} are cleared.
     *
     * @param protocol of a port: the only transport that has the condition fulfilled, negated or not; empty for any
     * @param strict true when a packet without such a value never fulfils it, not even negated (nft); iptables' owner
     *     match, negated, holds for packets without an owner
     */
    record NumberIs(Key key, long mask, List<Span> spans, boolean negated, Optional<Protocol> protocol, boolean strict)
            implements Condition {
        public static final long ALL = 0xFFFF_FFFFL;

        public NumberIs {
            spans = List.copyOf(spans);
        }
    }

    /** A range of addresses by its first and last. */
    record AddressSpan(InetAddress low, InetAddress high) {
        public static AddressSpan of(Cidr range) {
            byte[] last = range.address().getAddress();
            for (int bit = range.prefix(); bit < last.length * 8; bit++) {
                last[bit / 8] |= (byte) (0x80 >> (bit % 8));
            }
            try {
                return new AddressSpan(range.address(), InetAddress.getByAddress(last));
            } catch (java.net.UnknownHostException e) {
                throw new IllegalStateException("an address of " + last.length + " bytes", e);
            }
        }

        /** False for an address of the other family. */
        public boolean contains(InetAddress address) {
            return address.getAddress().length == low.getAddress().length
                    && number(address).compareTo(number(low)) >= 0
                    && number(address).compareTo(number(high)) <= 0;
        }

        private static BigInteger number(InetAddress address) {
            return new BigInteger(1, address.getAddress());
        }
    }

    /** The source's or destination's address lies in one of the spans; a packet of another family never fulfils it. */
    record AddressIn(boolean source, IpFamily family, List<AddressSpan> spans, boolean negated) implements Condition {
        public AddressIn {
            spans = List.copyOf(spans);
        }
    }

    /** The interface of arrival or departure; a trailing {@code *} stands for any rest. */
    record DeviceIs(boolean in, List<String> patterns, boolean negated) implements Condition {
        public DeviceIs {
            patterns = List.copyOf(patterns);
        }
    }

    /** What conntrack says of the packet. */
    record StateIs(Set<Match.ConnectionState> states, boolean negated) implements Condition {
        public StateIs {
            states = states.isEmpty() ? Set.of() : EnumSet.copyOf(states);
        }
    }

    /** The packet goes as the connection's first one, or back; what conntrack does not follow never fulfils it. */
    record DirectionIs(boolean reply, boolean negated) implements Condition {}

    /** The address is one of this host's own. */
    record AddressIsLocal(boolean source, boolean negated) implements Condition {}

    /** Says nothing about a first packet that is not known: it holds for every one, such as a SYN among TCP flags. */
    record Always(String text) implements Condition {}

    /** Not understood, or not to be foreseen, such as chance. */
    record UnknownCondition(String text) implements Condition {}

    record Accept() implements Action {}

    record Drop() implements Action {}

    /** Drops and tells the sender. */
    record Reject() implements Action {}

    record Return() implements Action {}

    /**
     * Goes through another chain of the table.
     *
     * @param forGood true when what follows in this chain is left out afterwards
     */
    record Jump(String chain, boolean forGood) implements Action {}

    /** To this host; the port stays when empty. */
    record Redirect(OptionalInt port) implements Action {}

    /** To another destination; what is empty stays. */
    record Dnat(Optional<InetAddress> address, OptionalInt port) implements Action {}

    /** From another source; empty: the address of the interface of departure. */
    record Snat(Optional<InetAddress> address) implements Action {}

    /**
     * To a transparent listener on this host.
     *
     * @param mark is set on the packet as {@link SetMark} does; empty for none
     * @param ends true for iptables: the packet leaves the table, and is dropped where nobody listens. nft goes on with
     *     the next action, or without a listener with the next rule.
     */
    record Tproxy(Optional<IpFamily> family, int port, Optional<SetMark> mark, boolean ends) implements Action {}

    /** New mark = (old &amp; keep) ^ flip; of the packet or its connection. */
    record SetMark(boolean connection, long keep, long flip) implements Action {
        public long apply(long old) {
            return (old & keep) ^ flip;
        }
    }

    /** From packet to connection or back: new = (old &amp; keep) ^ (other &amp; take). */
    record CopyMark(boolean toConnection, long keep, long take) implements Action {}

    record Zone(int zone) implements Action {}

    /** Conntrack is not to follow the packet: no translation either. */
    record Untrack() implements Action {}

    /** Does nothing to the packet's way, such as counting or logging. */
    record Note(String text) implements Action {}

    /** Not understood: the packet may go on or not. */
    record UnknownAction(String text) implements Action {}
}
