package lateen.proxy.http2;

import java.nio.charset.StandardCharsets;
import java.util.Set;
import lateen.decision.request.HeaderName;
import org.jspecify.annotations.Nullable;

/** What the encoder knows of a header's name: its place in the static table, and how it is to be treated. */
final class EncodedName {

    /** The low bits are the static table's index; 0: it is not there. */
    static final int INDEX = 0x7F;
    /** Belongs to one connection only, or is said by a pseudo-header field. RFC 9113 section 8.2.2. */
    static final int LEFT_OUT = 0x100;
    /** Passes only as {@code te: trailers}. */
    static final int TE = 0x200;
    /** A secret that an attacker who can probe the tables must not guess. RFC 7541 section 7.1.3. */
    static final int NEVER_INDEXED = 0x400;
    /** Hardly ever the same twice: not worth looking up. */
    static final int NOT_INDEXED = 0x800;

    private static final Set<String> HOP_BY_HOP =
            Set.of("host", "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade");
    private static final Set<String> SECRETS =
            Set.of("authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key");
    private static final Set<String> UNIQUE = Set.of(
            "x-request-id",
            "traceparent",
            "x-b3-traceid",
            "x-b3-spanid",
            "x-b3-parentspanid",
            "b3",
            "content-range",
            "etag",
            "x-envoy-upstream-service-time",
            "x-envoy-expected-rq-timeout-ms",
            "grpc-timeout");

    /** Twice as many places as would do: nearly every look ends at its first. */
    private static final int PLACES = 512;

    private static final @Nullable HeaderName[] NAMES = new HeaderName[PLACES];
    private static final int[] CODES = new int[PLACES];

    static {
        for (int i = 1; i <= StaticTable.SIZE; i++) {
            String name = new String(StaticTable.name(i), StandardCharsets.US_ASCII);
            if (find(HeaderName.of(name)) == 0) {
                put(name, i);
            }
        }
        HOP_BY_HOP.forEach(name -> put(name, LEFT_OUT));
        SECRETS.forEach(name -> put(name, NEVER_INDEXED));
        UNIQUE.forEach(name -> put(name, NOT_INDEXED));
        put("te", TE);
    }

    private EncodedName() {}

    private static void put(String text, int code) {
        HeaderName name = HeaderName.of(text);
        int at = place(name.hash());
        for (HeaderName other; (other = NAMES[at]) != null; at = (at + 1) & (PLACES - 1)) {
            if (other.hash() == name.hash()) {
                break;
            }
        }
        NAMES[at] = name;
        CODES[at] |= code;
    }

    private static int find(HeaderName name) {
        byte[] bytes = new byte[name.length()];
        name.copyTo(bytes, 0);
        return of(name.hash(), bytes, 0, bytes.length);
    }

    private static int place(int hash) {
        return (hash * 0x9E3779B1) >>> 23;
    }

    /** The code of the name {@code a[start, end)}, in any letter case, which has that {@link HeaderName#hash}. */
    static int of(int hash, byte[] a, int start, int end) {
        int at = place(hash);
        for (HeaderName name; (name = NAMES[at]) != null; at = (at + 1) & (PLACES - 1)) {
            if (name.hash() == hash && name.matches(a, start, end)) {
                return CODES[at];
            }
        }
        return 0;
    }
}
