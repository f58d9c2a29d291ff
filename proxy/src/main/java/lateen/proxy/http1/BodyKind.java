package lateen.proxy.http1;

/** How the end of a message's body is told. RFC 9112 section 6.3. */
public enum BodyKind {
    /** The message ends with its head. */
    NONE,
    /** {@code Content-Length} bytes; the length may be 0. */
    LENGTH,
    /** {@code Transfer-Encoding: chunked}. */
    CHUNKED,
    /** A response that ends when its connection does. */
    UNTIL_CLOSE,
    /** After a 101, or a 2xx to CONNECT: bytes of another protocol, both ways, until close. */
    TUNNEL
}
