package lateen.agent.identity;

import lateen.identity.Svid;
import lateen.identity.TrustBundle;

/** What came of asking the CA for a certificate. */
sealed interface CaAnswer {
    /** A verified certificate for the key that was made, and the roots to use from now on. */
    record Issued(Svid svid, TrustBundle roots) implements CaAnswer {}

    /** The CA understood and said no; asking again in the same way will not help. */
    record Refused(String reason) implements CaAnswer {}

    /** No answer, or none that can be used; it may come later. */
    record Unavailable(String reason) implements CaAnswer {}
}
