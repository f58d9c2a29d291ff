package lateen.proxy.listener;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/**
 * Recognises HTTP by its first bytes, without taking them: the connection preface of HTTP/2 (RFC 9113 section 3.4), or a
 * request line of HTTP/1 (RFC 9112 section 3). A request line longer than {@link #MAX} is taken for HTTP/1.1, so that
 * the codec answers it with the proper status.
 */
final class HttpPreface {
    static final int MAX = 8 * 1024;

    private static final int LONGEST_METHOD = 32;
    private static final byte[] H2 = "PRI * HTTP/2.0".getBytes(StandardCharsets.US_ASCII);
    private static final Inspection NEED_MORE = new Inspection.NeedMore();
    private static final Inspection OTHER = new Inspection.Other();

    private HttpPreface() {}

    static Inspection inspect(ByteBuf in) {
        int start = in.readerIndex();
        int end = in.writerIndex();
        while (start < end && (in.getByte(start) == '\r' || in.getByte(start) == '\n')) {
            start++;
        }
        int space = start;
        while (space < end && in.getByte(space) != ' ') {
            byte b = in.getByte(space);
            // Real methods are letters and dashes; a server-first or binary protocol is told apart at once.
            if (!((b >= 'A' && b <= 'Z') || (b >= 'a' && b <= 'z') || b == '-' || b == '_')
                    || space - start > LONGEST_METHOD) {
                return OTHER;
            }
            space++;
        }
        if (space == end) {
            return in.readableBytes() > MAX ? OTHER : NEED_MORE;
        }
        if (space == start) {
            return OTHER;
        }
        int line = in.indexOf(space, end, (byte) '\n');
        if (line < 0) {
            return end - start >= MAX ? new Inspection.Http("http/1.1") : NEED_MORE;
        }
        if (startsWith(in, start, line)) {
            return new Inspection.Http("h2c");
        }
        int last = line > start && in.getByte(line - 1) == '\r' ? line - 1 : line;
        String version = last - 9 < space ? "" : in.toString(last - 9, 9, StandardCharsets.US_ASCII);
        return switch (version) {
            case " HTTP/1.1" -> new Inspection.Http("http/1.1");
            case " HTTP/1.0" -> new Inspection.Http("http/1.0");
            default -> OTHER;
        };
    }

    private static boolean startsWith(ByteBuf in, int start, int end) {
        if (end - start < H2.length) {
            return false;
        }
        for (int i = 0; i < H2.length; i++) {
            if (in.getByte(start + i) != H2[i]) {
                return false;
            }
        }
        return true;
    }
}
