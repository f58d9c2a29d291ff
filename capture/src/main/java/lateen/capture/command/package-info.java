/**
 * The commands: arguments in, text and an exit status out. No command-line library, so that they start fast.
 *
 * <p>Read first: {@link lateen.capture.command.IstioIptablesCommand}.
 */
@NullMarked
package lateen.capture.command;

import org.jspecify.annotations.NullMarked;
