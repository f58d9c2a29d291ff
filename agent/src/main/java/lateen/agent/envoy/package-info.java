/**
 * What a real Envoy needs beside it to be a sidecar of this mesh: a bootstrap, its certificate by SDS, and the way to the
 * control plane, which only the holder of that certificate is given. Envoy itself is a child process.
 *
 * <p>Envoy speaks to {@link lateen.agent.envoy.AgentServer} on a unix socket that only its user can open; so it needs
 * neither a key on disk nor a connection to the control plane of its own. The agent and its Envoy live and die together:
 * whoever supervises them starts both again, with a new token.
 *
 * <p>Threading: calls on the socket run on one event loop, where nothing blocks; the control plane's side of a forwarded
 * stream may run on other threads of gRPC. Read first: {@link lateen.agent.envoy.AgentServer}.
 */
@NullMarked
package lateen.agent.envoy;

import org.jspecify.annotations.NullMarked;
