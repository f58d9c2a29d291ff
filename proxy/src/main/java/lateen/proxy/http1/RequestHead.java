package lateen.proxy.http1;

import io.netty.buffer.ByteBuf;
import lateen.decision.request.ByteSlice;
import lateen.decision.request.HeaderName;
import org.jspecify.annotations.Nullable;

/**
 * The head of a request. A target in absolute form is taken apart: {@link #path()} and Host hold its parts, and it is
 * forwarded in origin form, as RFC 9112 section 3.2.2 asks of a proxy.
 */
public final class RequestHead extends Head {

    private static final byte[] CONNECT = {'C', 'O', 'N', 'N', 'E', 'C', 'T'};
    private static final byte[] GET = {'G', 'E', 'T'};
    private static final byte[] HEAD = {'H', 'E', 'A', 'D'};
    private static final byte[] OPTIONS = {'O', 'P', 'T', 'I', 'O', 'N', 'S'};
    private static final byte[] VERSION = {' ', 'H', 'T', 'T', 'P', '/', '1', '.', '1', '\r', '\n'};
    private static final byte[] HEX = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'};
    private static final HeaderName HTTP = HeaderName.of("http://");
    private static final HeaderName HTTPS = HeaderName.of("https://");
    private static final HeaderName CONTINUE = HeaderName.of("100-continue");

    /** RFC 9112 section 3.2. */
    public enum Form {
        ORIGIN,
        ABSOLUTE,
        AUTHORITY,
        ASTERISK
    }

    private final ByteSlice method = new ByteSlice();
    private final ByteSlice path = new ByteSlice();
    private final ByteSlice authority = new ByteSlice();

    int methodEnd;
    int pathStart;
    int pathEnd;
    int authorityStart;
    int authorityEnd;
    private Form form = Form.ORIGIN;
    private boolean headMethod;
    private boolean connectMethod;
    /** {@code :protocol} of an extended CONNECT that is being read; empty: none. */
    int protocolStart;

    int protocolEnd;
    /** It was an extended CONNECT. */
    private boolean extended;

    Scheme scheme = Scheme.UNKNOWN;

    public RequestHead() {
        clear();
    }

    /** Forgets the parts too, which HTTP/1 would overwrite one by one. */
    void clearParts() {
        clear();
        lineChanged = true;
        methodEnd = 0;
        pathStart = 0;
        pathEnd = 0;
        form = Form.ORIGIN;
        headMethod = false;
        connectMethod = false;
        protocolStart = 0;
        protocolEnd = 0;
        extended = false;
        scheme = Scheme.UNKNOWN;
    }

    /**
     * Begins a request of our own; headers are added by the edits.
     *
     * @param method a token
     * @param path in origin form; empty for CONNECT
     * @param host {@code host [":" port]}
     */
    public void start(byte[] method, byte[] path, byte[] host) {
        clearParts();
        ensure(method.length + path.length);
        System.arraycopy(method, 0, buf, 0, method.length);
        used = method.length;
        method(0, used);
        System.arraycopy(path, 0, buf, used, path.length);
        pathStart = used;
        used += path.length;
        pathEnd = used;
        set(KnownHeader.HOST, host);
        if (connectMethod && path.length == 0) {
            authorityForm();
        }
    }

    @Override
    boolean canStart(byte b) {
        return Bytes.token(b) || b == '\r';
    }

    @Override
    boolean forgivesEmptyLines() {
        return true;
    }

    @Override
    @Nullable
    HeadError readStartLine(int start, int end) {
        int space = start;
        while (space < end && Bytes.token(buf[space])) {
            space++;
        }
        if (space == start || (space < end && buf[space] != ' ')) {
            return HeadError.BAD_METHOD;
        }
        int target = space + 1;
        int targetEnd = target;
        while (targetEnd < end && Bytes.target(buf[targetEnd])) {
            targetEnd++;
        }
        if (targetEnd >= end || targetEnd == target) {
            return HeadError.BAD_REQUEST_LINE;
        }
        if (buf[targetEnd] != ' ') {
            return HeadError.BAD_TARGET;
        }
        method(start, space);
        extended = false;
        scheme = Scheme.UNKNOWN;
        HeadError wrong = readVersion(targetEnd + 1, end);
        return wrong != null ? wrong : readTarget(target, targetEnd);
    }

    private @Nullable HeadError readTarget(int start, int end) {
        pathStart = start;
        pathEnd = end;
        if (connectMethod) {
            form = Form.AUTHORITY;
            authorityStart = start;
            authorityEnd = end;
            return hasPort(start, end) ? null : HeadError.BAD_TARGET;
        }
        if (buf[start] == '/') {
            form = Form.ORIGIN;
            return null;
        }
        if (end - start == 1 && buf[start] == '*') {
            form = Form.ASTERISK;
            return Bytes.equal(buf, lineStart, methodEnd, OPTIONS) ? null : HeadError.BAD_TARGET;
        }
        int scheme = prefixed(start, end, HTTP) ? HTTP.length() : prefixed(start, end, HTTPS) ? HTTPS.length() : 0;
        if (scheme == 0) {
            return HeadError.BAD_TARGET;
        }
        form = Form.ABSOLUTE;
        this.scheme = scheme == HTTPS.length() ? Scheme.HTTPS : Scheme.HTTP;
        lineChanged = true;
        authorityStart = start + scheme;
        int slash = Bytes.find(buf, authorityStart, end, (byte) '/');
        pathStart = Math.min(slash, Bytes.find(buf, authorityStart, end, (byte) '?'));
        authorityEnd = pathStart;
        return authorityEnd > authorityStart && Bytes.authority(buf, authorityStart, authorityEnd)
                ? null
                : HeadError.BAD_HOST;
    }

    private boolean prefixed(int start, int end, HeaderName scheme) {
        return end - start > scheme.length() && scheme.matches(buf, start, start + scheme.length());
    }

    boolean hasPort(int start, int end) {
        int digits = end;
        while (digits > start && Bytes.digit(buf[digits - 1])) {
            digits--;
        }
        return end - digits >= 1
                && end - digits <= 5
                && digits - 1 > start
                && buf[digits - 1] == ':'
                && Bytes.authority(buf, start, end);
    }

    @Override
    @Nullable
    HeadError complete() {
        int host = find(KnownHeader.HOST, 0);
        if (host < 0) {
            if (minor == 1) {
                return HeadError.MISSING_HOST;
            }
            // It is forwarded as HTTP/1.1, which must have one, if an empty one: RFC 9112 section 3.2.
            set(KnownHeader.HOST, buf, authorityStart, form == Form.AUTHORITY ? authorityEnd : authorityStart);
        } else {
            if (find(KnownHeader.HOST, host + 1) >= 0) {
                return HeadError.REPEATED_HOST;
            }
            if (!Bytes.authority(buf, valueStart(host), valueEnd(host))) {
                return HeadError.BAD_HOST;
            }
        }
        HeadError wrong = readFraming();
        if (wrong != null) {
            return wrong;
        }
        if (connectMethod && (chunked() || contentLength() > 0)) {
            return HeadError.BODY_NOT_ALLOWED;
        }
        if (form == Form.ABSOLUTE) {
            takeApart();
        }
        return null;
    }

    /** The target's authority wins over Host (RFC 9112 section 3.2.2); an empty path is {@code /}. */
    private void takeApart() {
        if (pathStart == pathEnd || buf[pathStart] != '/') {
            int length = pathEnd - pathStart;
            ensure(length + 1);
            buf[used] = '/';
            System.arraycopy(buf, pathStart, buf, used + 1, length);
            pathStart = used;
            used += length + 1;
            pathEnd = used;
        }
        set(KnownHeader.HOST, buf, authorityStart, authorityEnd);
    }

    /** The method as received; upper and lower case differ. */
    public ByteSlice method() {
        return method.set(buf, lineStart, methodEnd);
    }

    public boolean isHead() {
        return headMethod;
    }

    public boolean isConnect() {
        return connectMethod;
    }

    public Form form() {
        return form;
    }

    /** Path and query; {@code *} in asterisk form, the target itself in authority form. */
    public ByteSlice path() {
        return path.set(buf, pathStart, pathEnd);
    }

    /** The target's authority in authority form, else the Host header; empty when there is none. */
    public ByteSlice authority() {
        if (form == Form.AUTHORITY) {
            return authority.set(buf, authorityStart, authorityEnd);
        }
        int host = find(KnownHeader.HOST, 0);
        return host < 0 ? authority.set(buf, 0, 0) : value(host, authority);
    }

    /** The scheme that the request itself named; UNKNOWN in most of HTTP/1. */
    public Scheme scheme() {
        return scheme;
    }

    /** What {@code :scheme} shall be. */
    public void scheme(Scheme to) {
        scheme = to;
    }

    /** Makes a GET with Upgrade of an extended CONNECT, which is the same in HTTP/1's words (RFC 8441 section 5). */
    void extendedToUpgrade() {
        ensure(GET.length);
        System.arraycopy(GET, 0, buf, used, GET.length);
        method(used, used + GET.length);
        used += GET.length;
        upgradeTo(buf, protocolStart, protocolEnd);
        extended = true;
    }

    /** Rewrites path and query; bytes that cannot stand in a target are percent-encoded. */
    public void setPath(byte[] value, int start, int end) {
        ensure(3 * (end - start));
        pathStart = used;
        for (int i = start; i < end; i++) {
            byte b = value[i];
            if (Bytes.target(b)) {
                buf[used++] = b;
            } else {
                buf[used++] = '%';
                buf[used++] = HEX[b >> 4 & 15];
                buf[used++] = HEX[b & 15];
            }
        }
        pathEnd = used;
        lineChanged = true;
    }

    /** Rewrites Host. */
    public void setAuthority(byte[] value, int start, int end) {
        set(KnownHeader.HOST, value, start, end);
    }

    /**
     * How the request's body is framed: {@link BodyKind#NONE}, LENGTH or CHUNKED (from HTTP/2: a length that is not
     * known); for CONNECT, TUNNEL. What an extended CONNECT will tunnel is not a body.
     */
    public BodyKind bodyKind() {
        if (connectMethod) {
            return BodyKind.TUNNEL;
        }
        if (extended) {
            return BodyKind.NONE;
        }
        if (chunked() || (bodyFollows && contentLength() < 0)) {
            return BodyKind.CHUNKED;
        }
        return contentLength() > 0 ? BodyKind.LENGTH : BodyKind.NONE;
    }

    /** Whether it asks for a tunnel: CONNECT, or an upgrade that has been kept. */
    public boolean opensTunnel() {
        return connectMethod || upgrade();
    }

    /** Whether the client waits for 100 before it sends the body. RFC 9110 section 10.1.1: never in HTTP/1.0. */
    public boolean expectsContinue() {
        int i = find(KnownHeader.EXPECT, 0);
        return i >= 0 && minor == 1 && valueIs(i, CONTINUE);
    }

    void method(int start, int end) {
        lineStart = start;
        methodEnd = end;
        headMethod = Bytes.equal(buf, start, end, HEAD);
        connectMethod = Bytes.equal(buf, start, end, CONNECT);
    }

    /** CONNECT: the authority is the target. */
    void authorityForm() {
        int host = find(KnownHeader.HOST, 0);
        form = Form.AUTHORITY;
        authorityStart = valueStart(host);
        authorityEnd = valueEnd(host);
        pathStart = authorityStart;
        pathEnd = authorityEnd;
    }

    /** Whether the path is one, by its first byte; sets the form. */
    boolean pathForm() {
        if (buf[pathStart] == '/') {
            return true;
        }
        form = Form.ASTERISK;
        return pathEnd - pathStart == 1 && buf[pathStart] == '*' && Bytes.equal(buf, lineStart, methodEnd, OPTIONS);
    }

    @Override
    void writeStartLine(ByteBuf out) {
        out.writeBytes(buf, lineStart, methodEnd - lineStart);
        out.writeByte(' ');
        out.writeBytes(buf, pathStart, pathEnd - pathStart);
        out.writeBytes(VERSION);
    }
}
