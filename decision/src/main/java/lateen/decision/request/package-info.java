/**
 * The view of a request or connection that decisions are made from: bytes, not Strings.
 *
 * <p>Views belong to the event loop that owns the connection, and are valid during one call only.
 */
package lateen.decision.request;
