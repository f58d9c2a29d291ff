/**
 * Rules tried out with real connections ({@code --run-validation}): who calls what, and which listener gets it. Blocking;
 * works in a thread of its own, because it enters the namespace and takes on the proxy's user.
 *
 * <p>Read first: {@link lateen.capture.probe.RuleValidation}.
 */
@NullMarked
package lateen.capture.probe;

import org.jspecify.annotations.NullMarked;
