package lateen.proxy.http1;

import io.netty.buffer.ByteBuf;
import lateen.decision.request.HeaderName;
import org.jspecify.annotations.Nullable;

/**
 * The head of a message: start line and headers. One for each direction of a connection, used again for each message;
 * {@link HeadParser} fills it.
 */
public abstract sealed class Head extends HeaderLines permits RequestHead, ResponseHead {

    private static final byte[] CHUNKED = {'c', 'h', 'u', 'n', 'k', 'e', 'd'};
    private static final HeaderName CHUNKED_CODING = HeaderName.of("chunked");
    private static final HeaderName CLOSE = HeaderName.of("close");
    private static final byte[] UPGRADE = {'u', 'p', 'g', 'r', 'a', 'd', 'e'};

    private final HopByHop hops = new HopByHop(this);

    /** The start line with its line end, as received or built. */
    int lineStart;

    int lineEnd;
    /** The start line must be written anew. */
    boolean lineChanged;

    int minor;

    /** It came over HTTP/2: {@link HeadBuilder} filled it, and the start line's parts stand alone. */
    boolean http2;

    /** Over HTTP/2: the head did not end the message. */
    boolean bodyFollows;

    private long contentLength;
    private boolean chunked;
    private boolean close;
    private boolean keepAlive;
    private boolean upgradeNamed;

    /** Forgets the message; views of it are no longer valid. */
    public void clear() {
        clearLines();
        lineStart = 0;
        lineEnd = 0;
        lineChanged = false;
        minor = 1;
        http2 = false;
        bodyFollows = false;
        contentLength = -1;
        chunked = false;
        close = false;
        keepAlive = false;
        upgradeNamed = false;
    }

    /** Reads {@code buf[start, end)}, a line without its line end; null: it is good. */
    abstract @Nullable HeadError readStartLine(int start, int end);

    /** Checks what only the whole head shows; null: it is good. */
    abstract @Nullable HeadError complete();

    /** Whether this byte can be the first of a start line. */
    abstract boolean canStart(byte b);

    /** Whether empty lines before the start line are forgiven; RFC 9112 section 2.2. */
    abstract boolean forgivesEmptyLines();

    /** Reads {@code HTTP/1.x}; null: it is good. */
    final @Nullable HeadError readVersion(int start, int end) {
        byte[] a = buf;
        if (end - start != 8
                || a[start] != 'H'
                || a[start + 1] != 'T'
                || a[start + 2] != 'T'
                || a[start + 3] != 'P'
                || a[start + 4] != '/'
                || !Bytes.digit(a[start + 5])
                || a[start + 6] != '.'
                || !Bytes.digit(a[start + 7])) {
            return HeadError.BAD_VERSION;
        }
        if (a[start + 5] != '1') {
            return HeadError.UNSUPPORTED_VERSION;
        }
        // A higher minor version is spoken to as 1.1 (RFC 9112 section 2.3).
        minor = a[start + 7] == '0' ? 0 : 1;
        if (a[start + 7] > '1') {
            lineChanged = true;
        }
        return null;
    }

    /** Framing and connection options. RFC 9112 sections 6.1, 6.3 and 9.6; RFC 9110 section 7.6.1. */
    final @Nullable HeadError readFraming() {
        boolean coded = false;
        boolean known = true;
        for (int i = 0; i < count(); i++) {
            if (nameIs(i, KnownHeader.CONTENT_LENGTH)) {
                long n = Bytes.number(buf, valueStart(i), valueEnd(i));
                if (n < 0 || contentLength >= 0) {
                    return HeadError.BAD_CONTENT_LENGTH;
                }
                contentLength = n;
            } else if (nameIs(i, KnownHeader.TRANSFER_ENCODING)) {
                known &= !coded && valueIs(i, CHUNKED_CODING);
                coded = true;
            } else if (nameIs(i, KnownHeader.CONNECTION)) {
                close |= hops.names(i, CLOSE);
                keepAlive |= hops.names(i, KnownHeader.KEEP_ALIVE);
                upgradeNamed |= hops.names(i, KnownHeader.UPGRADE);
            }
        }
        chunked = coded;
        if (coded && contentLength >= 0) {
            return HeadError.LENGTH_AND_CHUNKED;
        }
        if (coded && minor == 0) {
            return HeadError.BODY_NOT_ALLOWED;
        }
        return known ? null : HeadError.BAD_TRANSFER_ENCODING;
    }

    final void cameByHttp2() {
        http2 = true;
        lineChanged = true;
    }

    /** Has the head ask for, or grant, {@code buf[start, end)} in HTTP/1's words. */
    final void upgradeTo(byte[] protocol, int start, int end) {
        set(KnownHeader.CONNECTION, UPGRADE);
        set(KnownHeader.UPGRADE, protocol, start, end);
        upgradeNamed = true;
    }

    /** Takes the Content-Length; whether it is the first. */
    final boolean lengthIs(long bytes) {
        boolean first = contentLength < 0;
        contentLength = bytes;
        return first;
    }

    /** The version that the head came by; HTTP/1.1 for one of our own. */
    public final Protocol protocol() {
        return http2 ? Protocol.HTTP_2 : minor == 0 ? Protocol.HTTP_1_0 : Protocol.HTTP_1_1;
    }

    /** Whether {@code Transfer-Encoding: chunked} was received. */
    public final boolean chunked() {
        return chunked;
    }

    /** The received {@code Content-Length}; -1: none. */
    public final long contentLength() {
        return contentLength;
    }

    /** 0 or 1: the received HTTP/1.x version; what is above 1.1, HTTP/2 too, counts as 1.1. */
    public final int minorVersion() {
        return minor;
    }

    /**
     * Whether the sender lets the connection live on after this message, so far as its head tells (a response that ends
     * with its connection does not, whatever this says). RFC 9112 section 9.3.
     */
    public final boolean keepAlive() {
        return !close && (minor == 1 || keepAlive);
    }

    /** Whether the head asks for, or grants, another protocol: {@code Connection: upgrade} with {@code Upgrade}. */
    public final boolean upgrade() {
        return upgradeNamed && has(KnownHeader.UPGRADE);
    }

    /**
     * Removes what belongs to one connection only: Connection and the headers that it names, Keep-Alive,
     * Proxy-Connection, TE (but for HTTP/2's {@code te: trailers}, which gRPC needs), and Upgrade unless it is kept. Framing stays. Headers that every recipient needs are kept
     * even if they are named: removing them is a known attack on what stands behind the proxy. RFC 9110 section 7.6.1.
     *
     * @param keepUpgrade keep Upgrade, where Connection names it, and write {@code connection: upgrade}
     */
    public final void removeHopByHop(boolean keepUpgrade) {
        hops.remove(keepUpgrade && upgrade());
    }

    /** Has the body framed in chunks from now on. */
    public final void frameChunked() {
        remove(KnownHeader.CONTENT_LENGTH);
        set(KnownHeader.TRANSFER_ENCODING, CHUNKED);
    }

    /** Has the body framed by its length in bytes from now on. */
    public final void frameLength(long bytes) {
        remove(KnownHeader.TRANSFER_ENCODING);
        setNumber(KnownHeader.CONTENT_LENGTH, bytes);
    }

    /** Removes both framings: no body, or one that ends with the connection. */
    public final void frameNone() {
        remove(KnownHeader.TRANSFER_ENCODING);
        remove(KnownHeader.CONTENT_LENGTH);
    }

    /** Has the start line written with HTTP/1.1, a proxy's own version (RFC 9110 section 2.5). */
    public final void asHttp11() {
        if (minor != 1) {
            lineChanged = true;
        }
    }

    /** Writes the head: as received wherever it was not edited. May be called more than once. */
    public final void encode(ByteBuf out) {
        out.ensureWritable(used + 32);
        if (lineChanged) {
            writeStartLine(out);
            encodeFrom(0, 0, out);
        } else {
            encodeFrom(lineStart, lineEnd, out);
        }
    }

    /** Writes the start line with its line end from the parts. */
    abstract void writeStartLine(ByteBuf out);
}
