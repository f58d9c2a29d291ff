package lateen.identity;

import java.time.Instant;

/** What came of looking at a peer's certificates. */
public sealed interface PeerVerification {
    /**
     * The peer proved who it is.
     *
     * @param id from the only URI name of its leaf
     * @param notAfter end of the leaf's validity
     */
    record Verified(SpiffeId id, Instant notAfter) implements PeerVerification {}

    /**
     * The peer is not to be talked to.
     *
     * @param reason for a log line: what was found and what was expected, free of control characters
     */
    record Rejected(String reason) implements PeerVerification {}
}
