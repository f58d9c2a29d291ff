package lateen.proxy.http1;

import io.netty.buffer.ByteBuf;

/**
 * The framing of a chunked body. A chunk is written as {@link #before}, its payload, {@link #after}; the body ends with
 * {@link #end}. RFC 9112 section 7.1. Stateless.
 */
public final class ChunkedWriter {

    /** The most bytes that {@link #before} writes. */
    public static final int MAX_BEFORE = 10;

    private static final byte[] HEX = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};
    private static final byte[] LAST = {'0', '\r', '\n'};

    private ChunkedWriter() {}

    /**
     * Writes a chunk's size and line end.
     *
     * @param size of the payload in bytes, at least 1: an empty chunk would end the body
     */
    public static void before(int size, ByteBuf out) {
        if (size < 1) {
            throw new IllegalArgumentException("chunk size: " + size + " (expected: 1 or more)");
        }
        for (int shift = (31 - Integer.numberOfLeadingZeros(size)) & ~3; shift >= 0; shift -= 4) {
            out.writeByte(HEX[size >>> shift & 15]);
        }
        after(out);
    }

    /** Writes the line end after a chunk's payload. */
    public static void after(ByteBuf out) {
        out.writeShort('\r' << 8 | '\n');
    }

    /** Writes the last chunk, without trailers. */
    public static void end(ByteBuf out) {
        out.writeBytes(LAST);
        after(out);
    }

    /** Writes the last chunk, with trailers. */
    static void end(HeaderLines trailers, ByteBuf out) {
        out.writeBytes(LAST);
        trailers.encodeFrom(0, 0, out);
    }
}
