package lateen.agent.identity;

import lateen.identity.Svid;
import lateen.identity.TrustBundle;

/** Hears of a workload's certificates, on the timer's thread. */
public interface IdentityListener {
    /** A first or renewed certificate is in use. */
    void onIdentity(Svid svid, TrustBundle roots);

    /**
     * There is no way to a certificate any more: the token was refused, or the certificate expired unrenewed. The
     * workload needs a new token, that is a new start.
     */
    void onLost(String reason);
}
