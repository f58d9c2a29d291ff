/**
 * What {@code istio-iptables} was asked for, and the rules that achieve it. Pure but for the reading of the accounts' files.
 *
 * <p>Read first: {@link lateen.capture.plan.CapturePlan}.
 */
@NullMarked
package lateen.capture.plan;

import org.jspecify.annotations.NullMarked;
