/**
 * {@code lateen up DIR}: a directory of Istio YAML and LocalWorkloads as a running mesh on this machine.
 *
 * <p>Threading: one thread brings the mesh up and waits; the directory's watch has its own, on which changes are followed
 * one after the other. Read first: {@link lateen.cli.up.Up}.
 */
@NullMarked
package lateen.cli.up;

import org.jspecify.annotations.NullMarked;
