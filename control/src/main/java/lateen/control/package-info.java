/**
 * The control plane: a directory of configuration in, xDS and certificates out.
 *
 * <p>{@link lateen.control.ControlPlane} assembles it: {@code source} → {@code registry} → {@code translate} → {@code
 * push} → the ADS server, and beside it {@code ca}. Read first: that class.
 */
package lateen.control;
