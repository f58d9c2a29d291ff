/**
 * SPIFFE identities, key pairs, certificate requests, trust bundles and peer verification. JDK only.
 *
 * <p>Records and other values here are immutable and may be shared between threads. {@link
 * lateen.identity.ReloadingKeyManager} and {@link lateen.identity.ReloadingTrustManager} hold one atomic
 * reference each: any thread may swap it, handshakes on other threads see the new value from then on.
 *
 * <p>Private keys are never printed: no {@code toString} and no error message here contains key bytes.
 *
 * <p>Read first: {@link lateen.identity.SpiffeId}, then {@link lateen.identity.Svid} and {@link
 * lateen.identity.PeerVerifier}.
 */
@NullMarked
package lateen.identity;

import org.jspecify.annotations.NullMarked;
