package lateen.proxy.http1;

import io.netty.buffer.ByteBuf;

/**
 * Reads a head as its bytes arrive, however they are split, into its {@link Head}. After COMPLETE or an error, {@link
 * #reset} makes it ready for the next message. The buffers fed stay the caller's.
 *
 * <p>Stricter than RFC 9112 has to be: lines end in CRLF only; nothing is repaired. Up to {@value #EMPTY_LINES} empty
 * lines before a request are skipped.
 */
public final class HeadParser {

    private static final int EMPTY_LINES = 2;
    /** Bytes copied at a time: what follows the head is copied for nothing, so not much more than a usual head. */
    private static final int STEP = 1024;

    private final Head head;
    private final HeadLimits limits;
    /** Start of the line that is being read. */
    private int line;
    /** No line end before this. */
    private int scanned;

    private int emptyLines;
    private boolean inHeaders;

    public HeadParser(Head head, HeadLimits limits) {
        this.head = head;
        this.limits = limits;
        reset();
    }

    /** Forgets the message, in the head too. */
    public void reset() {
        head.clear();
        line = 0;
        scanned = 0;
        emptyLines = 0;
        inHeaders = false;
    }

    /** Whether bytes of a message have been taken that is not complete: then a close is premature. */
    public boolean started() {
        return scanned > line || inHeaders;
    }

    /** Takes bytes up to the end of the head. */
    public HeadResult feed(ByteBuf in) {
        while (in.isReadable()) {
            int room = limits.maxBytes() - head.used;
            if (room == 0) {
                return HeadError.TOO_LARGE;
            }
            int n = Math.min(Math.min(in.readableBytes(), STEP), room);
            head.ensure(n);
            in.readBytes(head.buf, head.used, n);
            int before = head.used;
            head.used += n;
            HeadResult result = readLines(in, before);
            if (result != HeadProgress.NEED_MORE) {
                return result;
            }
        }
        return HeadProgress.NEED_MORE;
    }

    private HeadResult readLines(ByteBuf in, int before) {
        byte[] a = head.buf;
        int used = head.used;
        // Bytes of another protocol often hold no line end: they are refused by the first one.
        if (!inHeaders && line < used && !head.canStart(a[line])) {
            return badStart(a[line]);
        }
        int i = Math.max(scanned, before);
        while (i < used) {
            if (a[i] != '\n') {
                i++;
                continue;
            }
            int end = i - 1;
            int next = i + 1;
            if (end < line || a[end] != '\r') {
                return HeadError.BARE_CR_OR_LF;
            }
            if (end == line && inHeaders) {
                return finish(in, next);
            }
            HeadResult result = end == line ? emptyLine() : readLine(end, next);
            if (result != HeadProgress.NEED_MORE) {
                return result;
            }
            line = next;
            i = next;
            if (!inHeaders && line < used && !head.canStart(a[line])) {
                return badStart(a[line]);
            }
        }
        scanned = used;
        return HeadProgress.NEED_MORE;
    }

    private HeadError badStart(byte first) {
        if (first == '\n') {
            return HeadError.BARE_CR_OR_LF;
        }
        return head.forgivesEmptyLines() ? HeadError.BAD_METHOD : HeadError.BAD_STATUS_LINE;
    }

    private HeadResult emptyLine() {
        if (!head.forgivesEmptyLines()) {
            return HeadError.BAD_STATUS_LINE;
        }
        return ++emptyLines > EMPTY_LINES ? HeadError.BAD_REQUEST_LINE : HeadProgress.NEED_MORE;
    }

    private HeadResult readLine(int end, int next) {
        if (inHeaders) {
            return readHeader(end, next);
        }
        head.lineStart = line;
        head.lineEnd = next;
        HeadError wrong = head.readStartLine(line, end);
        if (wrong != null) {
            return wrong;
        }
        inHeaders = true;
        return HeadProgress.NEED_MORE;
    }

    private HeadResult readHeader(int end, int next) {
        byte[] a = head.buf;
        if (Bytes.blank(a[line])) {
            return HeadError.OBSOLETE_FOLDING;
        }
        int hash = 0;
        int colon = line;
        for (byte lower; (lower = Bytes.TOKEN_LOWER[a[colon] & 0xFF]) != 0; colon++) {
            hash = 31 * hash + lower;
        }
        // The loop stops at the line's CR at the latest.
        if (a[colon] != ':' || colon == line) {
            return HeadError.BAD_HEADER_NAME;
        }
        int start = colon + 1;
        while (start < end && Bytes.blank(a[start])) {
            start++;
        }
        for (int i = start; i < end; i++) {
            if (!Bytes.value(a[i])) {
                return a[i] == '\r' ? HeadError.BARE_CR_OR_LF : HeadError.BAD_HEADER_VALUE;
            }
        }
        int stop = end;
        while (stop > start && Bytes.blank(a[stop - 1])) {
            stop--;
        }
        if (head.count() == limits.maxHeaders()) {
            return HeadError.TOO_MANY_HEADERS;
        }
        head.record(head.count(), line, colon, start, stop, next, hash);
        return HeadProgress.NEED_MORE;
    }

    private HeadResult finish(ByteBuf in, int next) {
        in.readerIndex(in.readerIndex() - (head.used - next));
        head.used = next;
        head.terminatorAt(line);
        HeadError wrong = head.complete();
        return wrong != null ? wrong : HeadProgress.COMPLETE;
    }
}
