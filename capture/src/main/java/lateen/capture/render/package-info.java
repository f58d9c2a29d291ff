/**
 * Rules as texts: for the kernel's programs, and for people. Pure.
 *
 * <p>Read first: {@link lateen.capture.render.RuleText}.
 */
@NullMarked
package lateen.capture.render;

import org.jspecify.annotations.NullMarked;
