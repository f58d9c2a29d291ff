/**
 * The workload's own identity: joining by a one-time token, a key made in this process, renewal.
 *
 * <p>Threading: everything that changes state runs on one {@link lateen.agent.identity.RenewalTimer} thread, which also
 * blocks for the few round trips to the CA; accessors may be called from any thread.
 *
 * <p>Read first: {@link lateen.agent.identity.WorkloadIdentity}.
 */
@NullMarked
package lateen.agent.identity;

import org.jspecify.annotations.NullMarked;
