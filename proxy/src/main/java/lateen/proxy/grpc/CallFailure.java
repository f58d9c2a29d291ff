package lateen.proxy.grpc;

/**
 * Why a call has no answer.
 *
 * @param reason in words, for the operator
 */
public record CallFailure(Kind kind, String reason) {

    /** What went wrong. */
    public enum Kind {
        /** The time was over. */
        TIMEOUT,
        /** No host, no connection, or it broke. */
        UNAVAILABLE,
        /** What came is not gRPC, is too large, or says that the call failed. */
        REFUSED
    }

    static CallFailure unavailable(String reason) {
        return new CallFailure(Kind.UNAVAILABLE, reason);
    }

    static CallFailure refused(String reason) {
        return new CallFailure(Kind.REFUSED, reason);
    }
}
