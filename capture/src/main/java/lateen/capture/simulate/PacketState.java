package lateen.capture.simulate;

import java.net.InetAddress;
import java.util.Optional;
import lateen.capture.model.Cidr;
import lateen.capture.model.Clause;
import lateen.capture.model.HostNetwork;
import lateen.capture.model.IpFamily;
import lateen.capture.model.Match;
import lateen.capture.model.Protocol;
import lateen.capture.render.ClauseWords;

/** A packet on its way: what rules can see of it, and have changed. Mutable; confined to one walk. */
final class PacketState {
    final Protocol protocol;
    final IpFamily family;
    final HostNetwork network;
    InetAddress source;
    int sourcePort;
    InetAddress destination;
    int destinationPort;
    long uid;
    long gid;
    /** Only locally made packets have an owner, and only until they come round over lo. */
    boolean owned;

    long mark;
    long connectionMark;
    String inDevice = "";
    String outDevice = "";
    /** False before conntrack has seen it. */
    boolean tracked;

    boolean untracked;

    PacketState(Packet packet, HostNetwork network) {
        this.protocol = packet.protocol();
        this.family = packet.family();
        this.network = network;
        this.source = packet.source();
        this.sourcePort = packet.sourcePort();
        this.destination = packet.destination();
        this.destinationPort = packet.destinationPort();
        this.uid = packet.uid();
        this.gid = packet.gid();
        this.mark = packet.mark();
        this.owned = packet.direction() == Packet.Direction.OUT;
        if (owned) {
            outDevice = packet.device();
        } else {
            inDevice = packet.device();
        }
    }

    Answer fulfils(Clause.Condition condition) {
        return switch (condition) {
            case Clause.NumberIs number -> number(number);
            case Clause.AddressIn(boolean isSource, IpFamily wanted, var spans, boolean not) -> {
                InetAddress address = isSource ? source : destination;
                String side = isSource ? "source " : "destination ";
                yield wanted != family
                        ? Answer.no("it is " + words(family) + ", not " + words(wanted))
                        : inOrNot(
                                spans.stream().anyMatch(s -> s.contains(address)),
                                not,
                                side + Cidr.addressText(address),
                                ClauseWords.addresses(spans),
                                "in");
            }
            case Clause.DeviceIs(boolean in, var patterns, boolean not) -> {
                String device = in ? inDevice : outDevice;
                String what = (in ? "interface of arrival " : "interface of departure ")
                        + (device.isEmpty() ? "(none yet)" : device);
                yield inOrNot(
                        patterns.stream().anyMatch(p -> named(p, device)),
                        not,
                        what,
                        String.join(" or ", patterns),
                        "");
            }
            case Clause.StateIs(var states, boolean not) -> {
                Match.ConnectionState state = untracked
                        ? Match.ConnectionState.UNTRACKED
                        : tracked ? Match.ConnectionState.NEW : Match.ConnectionState.INVALID;
                yield inOrNot(
                        states.contains(state),
                        not,
                        "conntrack state " + state.name().toLowerCase(java.util.Locale.ROOT),
                        ClauseWords.states(states),
                        "");
            }
            case Clause.DirectionIs(boolean reply, boolean not) ->
                !tracked || untracked
                        ? Answer.no("conntrack does not follow it here")
                        : Answer.of(reply == not, "it is a connection's first packet, and no answer");
            case Clause.AddressIsLocal(boolean isSource, boolean not) -> local(isSource, not);
            case Clause.Always _ -> Answer.YES;
            case Clause.UnknownCondition(String text) -> Answer.unknown("`" + text + "` is not understood");
        };
    }

    private Answer local(boolean isSource, boolean not) {
        InetAddress address = isSource ? source : destination;
        if (!network.known()) {
            return Answer.unknown("the host's addresses are not known");
        }
        String what = (isSource ? "source " : "destination ") + Cidr.addressText(address);
        return inOrNot(network.isLocal(address), not, what, "an address of this host", "");
    }

    private Answer number(Clause.NumberIs n) {
        if (n.protocol().isPresent() && n.protocol().get() != protocol) {
            return Answer.no("protocol is " + protocol.text() + ", not "
                    + n.protocol().get().text());
        }
        Optional<Long> value = switch (n.key()) {
            case PROTOCOL -> Optional.of((long) SpecConditions.protocolNumber(protocol));
            case SOURCE_PORT -> Optional.of((long) sourcePort);
            case DESTINATION_PORT -> Optional.of((long) destinationPort);
            case USER -> owned ? Optional.of(uid) : Optional.empty();
            case GROUP -> owned ? Optional.of(gid) : Optional.empty();
            case MARK -> Optional.of(mark);
            case CONNECTION_MARK -> tracked && !untracked ? Optional.of(connectionMark) : Optional.empty();
            case FAMILY -> Optional.of(family == IpFamily.IPV4 ? 4L : 6L);
        };
        if (value.isEmpty()) {
            boolean holds = n.negated() && !n.strict() && n.key() != Clause.Key.CONNECTION_MARK;
            return Answer.of(holds, "it has no " + n.key().words() + " here");
        }
        long masked = value.get() & n.mask();
        String text = n.key() == Clause.Key.PROTOCOL ? protocol.text() : Long.toString(value.get());
        return inOrNot(
                n.spans().stream().anyMatch(s -> s.contains(masked)),
                n.negated(),
                n.key().words() + " " + text,
                ClauseWords.spans(n),
                "");
    }

    /** The reason reads: {@code destination port 80 is not 15008}, or {@code … is in 10.0.0.0/8, which is excluded}. */
    private static Answer inOrNot(boolean in, boolean not, String value, String wanted, String joined) {
        String link = joined.isEmpty() ? "" : joined + " ";
        return Answer.of(
                in != not,
                not ? value + " is " + link + wanted + ", which is excepted" : value + " is not " + link + wanted);
    }

    private static boolean named(String pattern, String device) {
        return pattern.endsWith("*")
                ? device.startsWith(pattern.substring(0, pattern.length() - 1))
                : device.equals(pattern);
    }

    static String words(IpFamily family) {
        return family == IpFamily.IPV4 ? "IPv4" : "IPv6";
    }
}
