/**
 * A configuration compiled for use, and the one reference to the newest.
 *
 * <p>Threading: programs are immutable; {@link lateen.proxy.program.Live} is read by every loop. Read first: {@link
 * lateen.proxy.program.Program}.
 */
package lateen.proxy.program;
