/**
 * Where the first packet of a flow goes by some rules. Pure.
 *
 * <p>Read first: {@link lateen.capture.simulate.PacketSimulator}.
 */
@NullMarked
package lateen.capture.simulate;

import org.jspecify.annotations.NullMarked;
