/**
 * HTTP/2 on the wire, either role, for a proxy: frames, HPACK, streams and flow control, over the heads of {@link
 * lateen.proxy.http1}. No String and no object per header, frame or request.
 *
 * <p>Read first: {@link lateen.proxy.http2.Http2Session} (one for each connection), {@link
 * lateen.proxy.http2.StreamEvents} and {@link lateen.proxy.http2.Http2Stream}. A received head is a {@link
 * lateen.proxy.http1.RequestHead} or {@link lateen.proxy.http1.ResponseHead} like any other, so that bridging to
 * HTTP/1.1 and back is writing the head once.
 *
 * <p>Threading: a session and all it holds belong to the event loop of its connection. RFC 9113, RFC 7541, RFC 8441.
 */
@NullMarked
package lateen.proxy.http2;

import org.jspecify.annotations.NullMarked;
