package lateen.proxy.http1;

import org.jspecify.annotations.Nullable;

/** Takes a request's pseudo-header fields, and checks what they make together. RFC 9113 section 8.3.1, RFC 8441. */
final class Http2Request {

    private Http2Request() {}

    static @Nullable MalformedHead method(RequestHead head, int start, int end) {
        head.method(start, end);
        return isToken(head.buf, start, end) ? null : MalformedHead.BAD_METHOD;
    }

    static @Nullable MalformedHead scheme(RequestHead head, int start, int end) {
        head.scheme = Scheme.of(head.buf, start, end);
        return head.scheme == Scheme.UNKNOWN ? MalformedHead.BAD_SCHEME : null;
    }

    static @Nullable MalformedHead path(RequestHead head, int start, int end) {
        head.pathStart = start;
        head.pathEnd = end;
        for (int i = start; i < end; i++) {
            if (!Bytes.target(head.buf[i])) {
                return MalformedHead.BAD_PATH;
            }
        }
        return start == end ? MalformedHead.BAD_PATH : null;
    }

    static @Nullable MalformedHead protocol(RequestHead head, int start, int end) {
        head.protocolStart = start;
        head.protocolEnd = end;
        return isToken(head.buf, start, end) ? null : MalformedHead.UNKNOWN_PSEUDO;
    }

    /** The name before the value is longer than {@code host}: the line is written over its end. */
    static @Nullable MalformedHead authority(RequestHead head, int start, int end) {
        byte[] a = head.buf;
        int at = start - KnownHeader.HOST.length() - 2;
        KnownHeader.HOST.copyTo(a, at);
        a[start - 2] = ':';
        a[start - 1] = ' ';
        a[end] = '\r';
        a[end + 1] = '\n';
        head.record(head.count(), at, start - 2, start, end, end + 2, KnownHeader.HOST.hash());
        head.used = end + 2;
        return Bytes.authority(a, start, end) ? null : MalformedHead.BAD_AUTHORITY;
    }

    /** What only the whole head shows. */
    static @Nullable MalformedHead complete(RequestHead head) {
        if (head.methodEnd == head.lineStart) {
            return MalformedHead.MISSING_PSEUDO;
        }
        boolean extended = head.protocolEnd > head.protocolStart;
        if (extended && !head.isConnect()) {
            return MalformedHead.UNKNOWN_PSEUDO;
        }
        int host = head.find(KnownHeader.HOST, 0);
        if (host < 0) {
            return MalformedHead.MISSING_AUTHORITY;
        }
        // A Host line without :authority has not been looked at yet.
        if (!Bytes.authority(head.buf, head.valueStart(host), head.valueEnd(host))) {
            return MalformedHead.BAD_AUTHORITY;
        }
        if (head.valueStart(host) == head.valueEnd(host)) {
            return MalformedHead.MISSING_AUTHORITY;
        }
        if (head.isConnect() && !extended) {
            if (head.pathEnd > head.pathStart || head.scheme != Scheme.UNKNOWN) {
                return MalformedHead.UNKNOWN_PSEUDO;
            }
            head.authorityForm();
            return head.hasPort(head.authorityStart, head.authorityEnd) ? null : MalformedHead.BAD_AUTHORITY;
        }
        if (head.pathEnd == head.pathStart || head.scheme == Scheme.UNKNOWN) {
            return MalformedHead.MISSING_PSEUDO;
        }
        if (!head.pathForm()) {
            return MalformedHead.BAD_PATH;
        }
        if (extended) {
            head.extendedToUpgrade();
        }
        return null;
    }

    private static boolean isToken(byte[] a, int start, int end) {
        for (int i = start; i < end; i++) {
            if (!Bytes.token(a[i])) {
                return false;
            }
        }
        return end > start;
    }
}
