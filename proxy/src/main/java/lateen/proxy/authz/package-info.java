/**
 * Asking an external authorization server about a request or a connection, and what comes of the answer. Fails closed:
 * what is no clear yes is a refusal, unless the configuration says otherwise ({@code failure_mode_allow}).
 *
 * <p>Threading: everything belongs to the loop of the connection that is asked about. Read first: {@link
 * lateen.proxy.authz.Check}.
 */
package lateen.proxy.authz;
