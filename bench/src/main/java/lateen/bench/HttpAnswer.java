package lateen.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** One answer at a time of a kept connection: a head with content-length, and the body (RFC 9112 section 6.2). */
final class HttpAnswer {

    private static final int LONGEST = 16 * 1024;

    private final ByteBuffer buffer = ByteBuffer.allocate(LONGEST);
    /** Of head and body; 0 as long as the head is not complete. */
    private int length;

    /** Where what arrives is put. */
    ByteBuffer buffer() {
        return buffer;
    }

    /**
     * Forgets the answer when it is complete.
     *
     * @throws IOException when it is not a 200 with content-length, or longer than its length
     */
    boolean complete() throws IOException {
        if (length == 0) {
            length = lengthOf();
        }
        if (length == 0 || buffer.position() < length) {
            return false;
        }
        if (buffer.position() > length) {
            throw new IOException("bytes after an answer: " + text());
        }
        buffer.clear();
        length = 0;
        return true;
    }

    private int lengthOf() throws IOException {
        int end = endOfHead();
        if (end < 0) {
            if (!buffer.hasRemaining()) {
                throw new IOException("a head of more than " + LONGEST + " bytes");
            }
            return 0;
        }
        String head = text().substring(0, end);
        String name = "\r\ncontent-length:";
        int at = head.toLowerCase(Locale.ROOT).indexOf(name);
        if (!head.startsWith("HTTP/1.1 200") || at < 0) {
            throw new IOException("an answer that is no 200 with a length: " + head);
        }
        int line = at + name.length();
        int total = end
                + Integer.parseInt(
                        head.substring(line, head.indexOf("\r\n", line)).strip());
        if (total > LONGEST) {
            throw new IOException("an answer of " + total + " bytes (expected: at most " + LONGEST + ")");
        }
        return total;
    }

    private int endOfHead() {
        for (int i = 3; i < buffer.position(); i++) {
            if (buffer.get(i) == '\n' && buffer.get(i - 2) == '\n') {
                return i + 1;
            }
        }
        return -1;
    }

    private String text() {
        return new String(buffer.array(), 0, buffer.position(), StandardCharsets.ISO_8859_1);
    }
}
