package lateen.proxy.http1;

import io.netty.buffer.ByteBuf;
import lateen.decision.request.ByteSlice;
import org.jspecify.annotations.Nullable;

/** The head of a response: one that was received, or one of our own, built from {@link #start}. */
public final class ResponseHead extends Head {

    private static final byte[] VERSION = {'H', 'T', 'T', 'P', '/', '1', '.', '1', ' '};

    private final ByteSlice reason = new ByteSlice();
    private int status;
    private int reasonStart;

    public ResponseHead() {
        clear();
    }

    void clearParts() {
        clear();
        status = 0;
        reasonStart = 0;
    }

    /**
     * Begins a response of our own; headers are added by the edits.
     *
     * @param status 100 to 999
     */
    public void start(int status) {
        clear();
        byte[] text = Reason.of(status);
        ensure(VERSION.length + text.length + 6);
        System.arraycopy(VERSION, 0, buf, 0, VERSION.length);
        used = VERSION.length;
        this.status = status;
        for (int unit = 100; unit > 0; unit /= 10) {
            buf[used++] = (byte) ('0' + status / unit % 10);
        }
        buf[used++] = ' ';
        reasonStart = used;
        System.arraycopy(text, 0, buf, used, text.length);
        used += text.length;
        buf[used++] = '\r';
        buf[used++] = '\n';
        lineEnd = used;
    }

    @Override
    boolean canStart(byte b) {
        return b == 'H' || b == '\r';
    }

    @Override
    boolean forgivesEmptyLines() {
        return false;
    }

    @Override
    @Nullable
    HeadError readStartLine(int start, int end) {
        int space = Bytes.find(buf, start, end, (byte) ' ');
        HeadError wrong = readVersion(start, space);
        if (wrong != null) {
            return wrong;
        }
        // Many servers leave out the space before an empty reason; nothing depends on it.
        if (end - space < 4 || (end - space > 4 && buf[space + 4] != ' ')) {
            return HeadError.BAD_STATUS_LINE;
        }
        status = (int) Bytes.number(buf, space + 1, space + 4);
        if (status < 100) {
            return HeadError.BAD_STATUS_LINE;
        }
        reasonStart = Math.min(space + 5, end);
        for (int i = reasonStart; i < end; i++) {
            if (!Bytes.value(buf[i])) {
                return HeadError.BAD_STATUS_LINE;
            }
        }
        return null;
    }

    @Override
    @Nullable
    HeadError complete() {
        HeadError wrong = readFraming();
        if (wrong != null) {
            return wrong;
        }
        if (status < 200 || status == 204) {
            if (chunked()) {
                return HeadError.BODY_NOT_ALLOWED;
            }
            // Not allowed either (RFC 9110 section 8.6), but harmless once it is not forwarded.
            remove(KnownHeader.CONTENT_LENGTH);
        }
        return null;
    }

    /** Takes {@code :status} from HTTP/2, and the usual phrase with it. */
    @Nullable
    MalformedHead statusAt(int start, int end) {
        int value = end - start == 3 ? (int) Bytes.number(buf, start, end) : 0;
        if (value < 100 || value == 101) {
            return MalformedHead.BAD_STATUS;
        }
        status(value);
        return null;
    }

    private void status(int value) {
        status = value;
        byte[] text = Reason.of(value);
        ensure(text.length + 2);
        reasonStart = used;
        System.arraycopy(text, 0, buf, used, text.length);
        used += text.length;
        buf[used++] = '\r';
        buf[used++] = '\n';
        lineEnd = used;
    }

    /** Makes 101 of the success that HTTP/2 grants an extended CONNECT with. RFC 8441 section 5. */
    public void switchTo(byte[] protocol) {
        status(101);
        frameNone();
        upgradeTo(protocol, 0, protocol.length);
    }

    @Nullable
    MalformedHead completeHttp2() {
        if (status == 0) {
            return MalformedHead.MISSING_PSEUDO;
        }
        if (status < 200 || status == 204) {
            remove(KnownHeader.CONTENT_LENGTH);
        }
        return null;
    }

    /** 100 to 999. */
    public int status() {
        return status;
    }

    /** Whether more responses to the same request follow: 1xx, but not 101. */
    public boolean interim() {
        return status < 200 && status != 101;
    }

    public ByteSlice reason() {
        return reason.set(buf, reasonStart, lineEnd - 2);
    }

    /** How the body is framed, by the request's method too. RFC 9112 section 6.3. */
    public BodyKind bodyKind(boolean toHead, boolean toConnect) {
        if (status == 101 || (toConnect && status >= 200 && status < 300)) {
            return BodyKind.TUNNEL;
        }
        if (toHead || status < 200 || status == 204 || status == 304) {
            return BodyKind.NONE;
        }
        if (chunked() || (bodyFollows && contentLength() < 0)) {
            return BodyKind.CHUNKED;
        }
        if (http2 && !bodyFollows) {
            return BodyKind.NONE;
        }
        if (contentLength() >= 0) {
            return contentLength() == 0 ? BodyKind.NONE : BodyKind.LENGTH;
        }
        return BodyKind.UNTIL_CLOSE;
    }

    @Override
    void writeStartLine(ByteBuf out) {
        out.writeBytes(VERSION);
        out.writeByte('0' + status / 100);
        out.writeByte('0' + status / 10 % 10);
        out.writeByte('0' + status % 10);
        out.writeByte(' ');
        out.writeBytes(buf, reasonStart, lineEnd - reasonStart);
    }
}
