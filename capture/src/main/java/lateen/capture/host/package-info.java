/**
 * Programs of the system, and the network namespaces that they run in. Blocking; {@link lateen.capture.host.ProcessRunner} needs
 * one thread for each stream of its child, and ends them with it.
 *
 * <p>Read first: {@link lateen.capture.host.NamespaceCommands}.
 */
@NullMarked
package lateen.capture.host;

import org.jspecify.annotations.NullMarked;
