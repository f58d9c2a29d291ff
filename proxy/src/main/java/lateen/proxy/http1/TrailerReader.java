package lateen.proxy.http1;

import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lateen.decision.request.HeaderName;

/**
 * Takes in the trailer section of a chunked body, whose syntax the {@link BodyReader} has checked. What a trailer must
 * not say, since it would be heard after framing, routing and authorization are settled, is left out (RFC 9110 section
 * 6.5.1).
 */
final class TrailerReader {
    private static final Set<HeaderName> FORBIDDEN = Stream.of(
                    "authorization",
                    "cache-control",
                    "connection",
                    "content-encoding",
                    "content-length",
                    "content-range",
                    "content-type",
                    "cookie",
                    "expect",
                    "host",
                    "keep-alive",
                    "max-forwards",
                    "proxy-authenticate",
                    "proxy-authorization",
                    "proxy-connection",
                    "range",
                    "set-cookie",
                    "te",
                    "trailer",
                    "transfer-encoding",
                    "upgrade",
                    "www-authenticate",
                    "x-forwarded-client-cert",
                    "x-forwarded-for",
                    "x-forwarded-host",
                    "x-forwarded-proto",
                    "x-request-id")
            .map(HeaderName::of)
            .collect(Collectors.toUnmodifiableSet());

    private final Trailers lines = new Trailers();
    private int line;

    Trailers lines() {
        return lines;
    }

    void begin() {
        lines.clear();
        line = 0;
    }

    /** A byte of a line, line end included. */
    void take(byte b) {
        lines.ensure(1);
        lines.buf[lines.used++] = b;
    }

    /** The line is complete; whether there may be another. */
    boolean lineEnd() {
        byte[] a = lines.buf;
        int end = lines.used - 2;
        int colon = Bytes.find(a, line, end, (byte) ':');
        int start = colon + 1;
        while (start < end && Bytes.blank(a[start])) {
            start++;
        }
        int stop = end;
        while (stop > start && Bytes.blank(a[stop - 1])) {
            stop--;
        }
        int hash = 0;
        for (int i = line; i < colon; i++) {
            hash = 31 * hash + HeaderName.lower(a[i]);
        }
        if (forbidden(a, line, colon, hash)) {
            lines.used = line;
            return true;
        }
        lines.record(lines.count(), line, colon, start, stop, lines.used, hash);
        line = lines.used;
        return lines.count() < HeadLimits.DEFAULT.maxHeaders();
    }

    private static boolean forbidden(byte[] a, int start, int end, int hash) {
        for (HeaderName each : FORBIDDEN) {
            if (each.hash() == hash && each.matches(a, start, end)) {
                return true;
            }
        }
        return false;
    }
}
