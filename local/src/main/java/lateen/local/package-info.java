/**
 * The mesh on one machine: a network of namespaces, a control plane, and for each workload capture rules, a sidecar and
 * an application, each as its own user.
 *
 * <p>Nothing is created in the host's own network namespace. All that a run creates is written to its {@link
 * lateen.local.RunDirectory} before it is made, so that {@link lateen.local.LocalMesh#close} or the next start, after a
 * crash, removes it.
 *
 * <p>Threading: child processes are started from one dedicated thread ({@link lateen.local.Launcher}); public types are
 * safe for use by several threads unless they say otherwise. Everything here blocks.
 *
 * <p>Read first: {@link lateen.local.LocalMesh}.
 */
@NullMarked
package lateen.local;

import org.jspecify.annotations.NullMarked;
