/**
 * Traffic capture: what {@code istio-iptables} was asked for becomes kernel rules, and kernel rules become sentences.
 *
 * <p>The way through: arguments and environment → {@link lateen.capture.CaptureOptions} → ({@link
 * lateen.capture.HostFacts} added) → {@link lateen.capture.CapturePlan}, a typed {@link lateen.capture.RuleSet} →
 * {@code iptables-restore} text. Back again: {@code iptables-save -c} → {@link lateen.capture.SavedRules} → {@link
 * lateen.capture.RuleExplanation} and {@link lateen.capture.PacketSimulator}. Everything up to the text is pure; only
 * {@link lateen.capture.CaptureApplier}, {@link lateen.capture.KernelRules} and the two commands start processes.
 *
 * <p>Threading: all types are immutable or confined to the calling thread; nothing starts threads except {@link
 * lateen.capture.ProcessRunner}, which needs one per stream of its child and ends them with it.
 *
 * <p>Read first: {@link lateen.capture.CapturePlan}.
 */
@NullMarked
package lateen.capture;

import org.jspecify.annotations.NullMarked;
