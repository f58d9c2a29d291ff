/**
 * The mesh's certificate authority: root, one-time join tokens, the signing service, and the control plane's own
 * certificate.
 *
 * <p>All types may be used from any thread; {@link lateen.control.ca.JoinTokens} guards its table itself. The root key
 * lives in this process and in a file that only its owner can read; it is never logged or sent.
 *
 * <p>Read first: {@link lateen.control.ca.CertificateService}, then {@link lateen.control.ca.CertificateAuthority}.
 */
@NullMarked
package lateen.control.ca;

import org.jspecify.annotations.NullMarked;
