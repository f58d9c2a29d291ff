/**
 * {@code lateen proxy}: wiring of agent and proxy into one process, from the environment an injected pod has.
 *
 * <p>On the sidecar class path: no picocli, no control plane. Read first: {@link lateen.cli.sidecar.Sidecar}.
 */
package lateen.cli.sidecar;
