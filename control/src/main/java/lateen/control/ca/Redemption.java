package lateen.control.ca;

import lateen.identity.SpiffeId;

/** What came of presenting a join token. */
public sealed interface Redemption {
    /** The token was good, and is used up now. */
    record Bound(SpiffeId id) implements Redemption {}

    /** No such token was granted, or so long ago that it is forgotten. */
    record Unknown() implements Redemption {}

    /** The token came too late. */
    record Expired(SpiffeId id) implements Redemption {}

    /** The token was redeemed before, possibly by a thief. */
    record Used(SpiffeId id) implements Redemption {}
}
