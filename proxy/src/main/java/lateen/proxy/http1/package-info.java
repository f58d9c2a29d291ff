/**
 * HTTP/1.1 on the wire, for a proxy: heads as bytes with an index, bodies as slices, no String and no object per header.
 *
 * <p>Read first: {@link lateen.proxy.http1.RequestHead} and {@link lateen.proxy.http1.HeadParser}, then {@link
 * lateen.proxy.http1.BodyReader}. The grammar is RFC 9112 taken strictly: what two readers could understand differently
 * is refused, never repaired.
 *
 * <p>Threading: every object here belongs to one connection and its event loop, and is used again for the next message;
 * nothing is allocated per message once buffers have grown to the traffic's size.
 */
@NullMarked
package lateen.proxy.http1;

import org.jspecify.annotations.NullMarked;
