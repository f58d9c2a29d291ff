/**
 * External authorization by OPA: Envoy's {@code envoy.service.auth.v3.Authorization/Check} in, a question to OPA's REST
 * API out. Input document and decisions have the forms of OPA's own Envoy plugin, so its policies run unchanged.
 *
 * <p>Whatever goes wrong is a refusal that says why; a request is let through only by a policy's own word.
 *
 * <p>Threading: a question is asked on gRPC's thread and answered on a thread of the HTTP client; nothing blocks.
 *
 * <p>Read first: {@link lateen.services.authz.AuthzServer}, then {@code CheckService}.
 */
@NullMarked
package lateen.services.authz;

import org.jspecify.annotations.NullMarked;
