/**
 * The mesh at one moment: services, workloads and policies, resolved and indexed, immutable.
 *
 * <p>{@link lateen.control.registry.MeshBuilder} makes a {@link lateen.control.registry.MeshSnapshot} out of the objects
 * of one load, or reports why not. Nothing here knows xDS. Threading: pure functions and immutable values. Read first:
 * {@link lateen.control.registry.MeshSnapshot}.
 */
package lateen.control.registry;
