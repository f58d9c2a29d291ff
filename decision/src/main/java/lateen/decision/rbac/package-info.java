/**
 * Authorization of requests and connections, and explaining it.
 *
 * <p>Pure and immutable; shared freely between threads. Deciding allocates nothing, but for what regular expressions and
 * repeated headers need; explaining runs the same code with a recorder. Read first: {@link
 * lateen.decision.rbac.RbacProgram}.
 */
package lateen.decision.rbac;
