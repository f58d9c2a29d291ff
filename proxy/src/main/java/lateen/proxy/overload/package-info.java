/**
 * Sheds load before the process runs out of something: connections, memory. What is watched and done is told by {@link
 * lateen.decision.config.OverloadConfig}, or by defaults made of the limits of this process.
 *
 * <p>A thread of its own looks at the monitors; the event loops read a few numbers. Read first: {@link
 * lateen.proxy.overload.Overload}.
 */
package lateen.proxy.overload;
