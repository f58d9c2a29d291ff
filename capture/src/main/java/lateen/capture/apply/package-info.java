/**
 * Brings a namespace into the state that a plan asks for, or back to what was before. Blocking; one thread at a time.
 *
 * <p>Read first: {@link lateen.capture.apply.CaptureApplier}.
 */
@NullMarked
package lateen.capture.apply;

import org.jspecify.annotations.NullMarked;
