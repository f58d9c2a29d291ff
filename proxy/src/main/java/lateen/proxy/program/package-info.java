/**
 * A configuration compiled for use, the one reference to the newest, and what is counted ({@link
 * lateen.proxy.program.Telemetry}).
 *
 * <p>Threading: programs are immutable; {@link lateen.proxy.program.Live} is read by every loop. Read first: {@link
 * lateen.proxy.program.Program}.
 */
package lateen.proxy.program;
