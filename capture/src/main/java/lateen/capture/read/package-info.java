/**
 * What a network namespace holds: the back end in use, its rules, addresses and name servers. Blocking; changes nothing.
 *
 * <p>Read first: {@link lateen.capture.read.NamespaceReader}.
 */
@NullMarked
package lateen.capture.read;

import org.jspecify.annotations.NullMarked;
