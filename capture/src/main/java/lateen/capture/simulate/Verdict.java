package lateen.capture.simulate;

/** Where a packet ends up as far as the rules decide it. */
public sealed interface Verdict {
    /** A local port receives it instead of its destination; SO_ORIGINAL_DST still tells that. */
    record Redirected(int port) implements Verdict {}

    /** A transparent listener on this port receives it unchanged. */
    record Intercepted(int port) implements Verdict {}

    /** It goes where it was sent. */
    record Passed() implements Verdict {}

    /** It is discarded. */
    record Dropped() implements Verdict {}
}
