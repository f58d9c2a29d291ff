package lateen.proxy.http1;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Fills a head or trailer section from the fields of an HTTP/2 header block: each field is decoded straight to where it
 * stays, as {@code name: value CRLF}. Pseudo-header fields become parts of the start line, {@code :authority} the Host
 * line, several Cookie fields one (RFC 9113 section 8.2.3). One for each connection, used again.
 *
 * <p>Faults do not stop it, since the block must be decoded to its end for the sake of the tables; they are told by
 * {@link #finish}. Blanks around a value are left out instead of refused, as Envoy does.
 */
public final class HeadBuilder {

    /** Of each field, RFC 9113 section 6.5.2. */
    private static final int FIELD_OVERHEAD = 32;
    /** A block that decodes to more than this many times the limit is an attack, not a large head. */
    private static final int FLOOD = 4;

    private @Nullable HeaderLines lines;
    private @Nullable RequestHead request;
    private @Nullable ResponseHead response;
    private HeadLimits limits = HeadLimits.DEFAULT;
    private boolean extendedConnect;
    private long size;
    private int fields;
    /** A bit for each kind of pseudo-header field seen. */
    private int seen;

    private int cookies;
    private @Nullable MalformedHead wrong;
    private @Nullable HeadError tooLarge;

    /** @param extendedConnect whether {@code :protocol} may stand in it (RFC 8441) */
    public void begin(RequestHead head, HeadLimits bounds, boolean extendedConnect) {
        head.clearParts();
        head.cameByHttp2();
        begin(head, head, null, bounds);
        this.extendedConnect = extendedConnect;
    }

    public void begin(ResponseHead head, HeadLimits bounds) {
        head.clearParts();
        head.cameByHttp2();
        begin(head, null, head, bounds);
    }

    public void begin(Trailers trailers, HeadLimits bounds) {
        trailers.clear();
        begin(trailers, null, null, bounds);
    }

    private void begin(HeaderLines into, @Nullable RequestHead req, @Nullable ResponseHead res, HeadLimits bounds) {
        lines = into;
        request = req;
        response = res;
        limits = bounds;
        size = 0;
        fields = 0;
        seen = 0;
        cookies = 0;
        wrong = null;
        tooLarge = null;
    }

    /** An array with room for {@code bytes} from {@link #position()} on. */
    public byte[] room(int bytes) {
        HeaderLines into = Objects.requireNonNull(lines);
        into.ensure(bytes);
        return into.buf;
    }

    /** Where the next field's name goes; its value goes two bytes behind the name. */
    public int position() {
        return Objects.requireNonNull(lines).used;
    }

    /** Whether fields are still kept: otherwise they need not be written, only counted. */
    public boolean keeps() {
        return tooLarge == null && wrong == null;
    }

    /** Whether so much has been counted that the block is an attack. */
    public boolean flooded() {
        return size > (long) FLOOD * limits.maxBytes();
    }

    /** Counts a field that was not written, because nothing is kept any more. */
    public void skip(int nameLength, int valueLength) {
        size += nameLength + valueLength + FIELD_OVERHEAD;
    }

    /**
     * Takes the field at {@link #position()}, name and value with two bytes between them and room for two after.
     *
     * @param facts of {@link FieldFacts}
     */
    public void add(int nameLength, int valueLength, long facts) {
        skip(nameLength, valueLength);
        if (!keeps()) {
            return;
        }
        if (size > limits.maxBytes()) {
            tooLarge = HeadError.TOO_LARGE;
            return;
        }
        if ((facts & (FieldFacts.BAD_NAME | FieldFacts.BAD_VALUE)) != 0) {
            wrong = (facts & FieldFacts.BAD_NAME) != 0 ? MalformedHead.BAD_NAME : MalformedHead.BAD_VALUE;
            return;
        }
        HeaderLines into = Objects.requireNonNull(lines);
        int nameEnd = into.used + nameLength;
        int kind = FieldFacts.kind(facts);
        if (kind <= FieldFacts.LAST_PSEUDO) {
            wrong = pseudo(into, kind, nameEnd, nameEnd + 2 + valueLength);
            return;
        }
        if (++fields > limits.maxHeaders()) {
            tooLarge = HeadError.TOO_MANY_HEADERS;
            return;
        }
        wrong = field(into, kind, nameEnd, nameEnd + 2 + valueLength, (int) facts);
    }

    private @Nullable MalformedHead pseudo(HeaderLines into, int kind, int nameEnd, int end) {
        if (fields > 0 || (request == null && response == null)) {
            return MalformedHead.MISPLACED_PSEUDO;
        }
        if ((seen & 1 << kind) != 0) {
            return MalformedHead.REPEATED_PSEUDO;
        }
        seen |= 1 << kind;
        int start = nameEnd + 2;
        RequestHead head = request;
        if (head == null) {
            into.used = end;
            return kind == FieldFacts.STATUS
                    ? Objects.requireNonNull(response).statusAt(start, end)
                    : MalformedHead.UNKNOWN_PSEUDO;
        }
        into.used = end;
        return switch (kind) {
            case FieldFacts.METHOD -> Http2Request.method(head, start, end);
            case FieldFacts.SCHEME -> Http2Request.scheme(head, start, end);
            case FieldFacts.PATH -> Http2Request.path(head, start, end);
            case FieldFacts.AUTHORITY -> Http2Request.authority(head, start, end);
            case FieldFacts.PROTOCOL ->
                extendedConnect ? Http2Request.protocol(head, start, end) : MalformedHead.UNKNOWN_PSEUDO;
            default -> MalformedHead.UNKNOWN_PSEUDO;
        };
    }

    private @Nullable MalformedHead field(HeaderLines into, int kind, int nameEnd, int end, int hash) {
        byte[] a = into.buf;
        int at = into.used;
        int start = nameEnd + 2;
        int stop = end;
        while (start < stop && Bytes.blank(a[start])) {
            start++;
        }
        while (stop > start && Bytes.blank(a[stop - 1])) {
            stop--;
        }
        switch (kind) {
            case FieldFacts.CONNECTION_SPECIFIC -> {
                return MalformedHead.CONNECTION_HEADER;
            }
            case FieldFacts.TE -> {
                if (!KnownHeader.TRAILERS.matches(a, start, stop)) {
                    return MalformedHead.BAD_TE;
                }
            }
            case FieldFacts.CONTENT_LENGTH -> {
                long length = Bytes.number(a, start, stop);
                // A trailer cannot say it any more: RFC 9110 section 6.5.1.
                if (!(into instanceof Head head) || length < 0 || !head.lengthIs(length)) {
                    return MalformedHead.BAD_CONTENT_LENGTH;
                }
            }
            case FieldFacts.HOST -> {
                int host = into.find(KnownHeader.HOST, 0);
                if (request != null && host >= 0) {
                    // Said twice: the same is left out.
                    return into.sameValue(host, start, stop) && (seen & 1 << FieldFacts.HOST) == 0
                            ? markHost()
                            : MalformedHead.HOST_DIFFERS;
                }
                seen |= 1 << FieldFacts.HOST;
            }
            case FieldFacts.COOKIE -> cookies++;
            default -> {}
        }
        a[nameEnd] = ':';
        a[nameEnd + 1] = ' ';
        a[end] = '\r';
        a[end + 1] = '\n';
        into.record(into.count(), at, nameEnd, start, stop, end + 2, hash);
        into.used = end + 2;
        return null;
    }

    private @Nullable MalformedHead markHost() {
        seen |= 1 << FieldFacts.HOST;
        return null;
    }

    /** The peer wants the field that is added next never to be in a table, on any hop. RFC 7541 section 6.2.3. */
    public void neverIndexed(long facts) {
        Objects.requireNonNull(lines).neverIndexed |= 1L << facts;
    }

    /** Beyond which limit the fields are; null: within. Then the rest of the head need not be good. */
    public @Nullable HeadError tooLarge() {
        return tooLarge;
    }

    /**
     * Ends the message's head or trailers.
     *
     * @param last whether nothing of the message follows
     * @return null: it is well formed
     */
    public @Nullable MalformedHead finish(boolean last) {
        HeaderLines into = Objects.requireNonNull(lines);
        lines = null;
        if (wrong != null) {
            return wrong;
        }
        if (cookies > 1) {
            joinCookies(into);
        }
        if (request != null) {
            request.bodyFollows = !last;
            return Http2Request.complete(request);
        }
        if (response != null) {
            response.bodyFollows = !last;
            return response.completeHttp2();
        }
        return null;
    }

    /** RFC 9113 section 8.2.3: HTTP/1 and what stands behind it know one Cookie line. */
    private static void joinCookies(HeaderLines into) {
        int length = 0;
        for (int i = into.find(KnownHeader.COOKIE, 0); i >= 0; i = into.find(KnownHeader.COOKIE, i + 1)) {
            length += into.valueEnd(i) - into.valueStart(i) + 2;
        }
        into.ensure(length);
        byte[] a = into.buf;
        int start = into.used;
        int to = start;
        for (int i = into.find(KnownHeader.COOKIE, 0); i >= 0; i = into.find(KnownHeader.COOKIE, i + 1)) {
            if (to > start) {
                a[to++] = ';';
                a[to++] = ' ';
            }
            int bytes = into.valueEnd(i) - into.valueStart(i);
            System.arraycopy(a, into.valueStart(i), a, to, bytes);
            to += bytes;
        }
        into.used = to;
        into.set(KnownHeader.COOKIE, a, start, to);
    }
}
