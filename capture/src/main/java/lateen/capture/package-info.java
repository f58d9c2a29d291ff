/**
 * Traffic capture: what {@code istio-iptables} was asked for becomes kernel rules, and kernel rules become sentences.
 *
 * <p>One room for each kind of work; a room uses only those before it in this list, and the four that stand together not
 * each other, except that a simulated packet is told in the words of {@code render}:
 *
 * <ul>
 *   <li>{@code model}: rules as immutable values;
 *   <li>{@code host}: programs of the system and network namespaces;
 *   <li>{@code plan} (options to rules), {@code render} (rules to text), {@code read} (a namespace to rules), {@code
 *       simulate} (rules and a packet to its way);
 *   <li>{@code probe}: rules tried out with connections;
 *   <li>{@code apply}: rules into a namespace, and out of it;
 *   <li>{@code command}: what the two commands do.
 * </ul>
 *
 * <p>The way through: arguments and environment → {@link lateen.capture.plan.CaptureOptions} → ({@link
 * lateen.capture.model.HostFacts} added) → {@link lateen.capture.plan.CapturePlan}, a typed {@link
 * lateen.capture.model.RuleSet} → text for the kernel's programs. Back again: the kernel's listing → {@link
 * lateen.capture.read.NamespaceReader} → {@link lateen.capture.model.Netfilter}, the form of all engines → {@link
 * lateen.capture.render.ClauseWords} and {@link lateen.capture.simulate.PacketSimulator}. Only {@code read}, {@code apply} and {@code command} start processes, and only {@code probe} connects.
 *
 * <p>Threading: all types are immutable or confined to the calling thread.
 *
 * <p>Read first: {@link lateen.capture.plan.CapturePlan}.
 */
@NullMarked
package lateen.capture;

import org.jspecify.annotations.NullMarked;
