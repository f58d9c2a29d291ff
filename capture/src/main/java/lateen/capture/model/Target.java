package lateen.capture.model;

/** What a rule does with a packet that fulfils its conditions. */
public sealed interface Target {
    /** Leave this chain; at the end of a built-in chain its policy decides. */
    record Return() implements Target {}

    /** Leave this table, let through. */
    record Accept() implements Target {}

    /** Discard. */
    record Drop() implements Target {}

    /** Go through another chain, then come back. */
    record Jump(String chain) implements Target {}

    /** Send to a local port; the original destination stays readable by SO_ORIGINAL_DST. */
    record Redirect(int port) implements Target {}

    /** Hand to a transparent listener without changing the packet, and mark it. */
    record Tproxy(IpFamily family, int port, long mark) implements Target {}

    /** Set the packet's mark; processing goes on. */
    record SetMark(long mark) implements Target {}

    /** Copy the packet's mark to its connection; processing goes on. */
    record SaveMark() implements Target {}

    /** Copy the connection's mark to the packet; processing goes on. */
    record RestoreMark() implements Target {}

    /** Track the packet in a conntrack zone of its own; processing goes on. */
    record ConntrackZone(int zone) implements Target {}
}
