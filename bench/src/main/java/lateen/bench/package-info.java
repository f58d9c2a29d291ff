/**
 * Side-by-side measurements against real Envoy and HAProxy on one machine: CPU per request, memory, latency, start; and the gate
 * that `make test` passes through.
 *
 * <p>Method: the proxy has one core and one worker, generator and backend the other; rounds are interleaved A B B A so
 * that a drifting machine hits all alike; a figure is the median over the rounds, with its spread. Read first:
 * {@link lateen.bench.Chapters}, what is measured; {@link lateen.bench.Contestants}, on whom; {@link lateen.bench.Rounds}, how.
 */
package lateen.bench;
