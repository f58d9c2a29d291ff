package lateen.proxy.http2;

import java.nio.charset.StandardCharsets;
import lateen.proxy.http1.FieldFacts;

/** RFC 7541 appendix A. Entries count from 1. */
final class StaticTable {

    private static final String ENTRIES = """
            :authority
            :method GET
            :method POST
            :path /
            :path /index.html
            :scheme http
            :scheme https
            :status 200
            :status 204
            :status 206
            :status 304
            :status 400
            :status 404
            :status 500
            accept-charset
            accept-encoding gzip, deflate
            accept-language
            accept-ranges
            accept
            access-control-allow-origin
            age
            allow
            authorization
            cache-control
            content-disposition
            content-encoding
            content-language
            content-length
            content-location
            content-range
            content-type
            cookie
            date
            etag
            expect
            expires
            from
            host
            if-match
            if-modified-since
            if-none-match
            if-range
            if-unmodified-since
            last-modified
            link
            location
            max-forwards
            proxy-authenticate
            proxy-authorization
            range
            referer
            refresh
            retry-after
            server
            set-cookie
            strict-transport-security
            transfer-encoding
            user-agent
            vary
            via
            www-authenticate
            """;

    static final int SIZE = 61;
    static final int AUTHORITY = 1;
    static final int METHOD_GET = 2;
    static final int METHOD_POST = 3;
    static final int PATH_ROOT = 4;
    static final int SCHEME_HTTP = 6;
    static final int SCHEME_HTTPS = 7;
    static final int STATUS_200 = 8;

    private static final byte[][] NAMES = new byte[SIZE + 1][];
    private static final byte[][] VALUES = new byte[SIZE + 1][];
    private static final long[] FACTS = new long[SIZE + 1];

    static {
        String[] lines = ENTRIES.split("\n", -1);
        for (int i = 1; i <= SIZE; i++) {
            String line = lines[i - 1];
            int space = line.indexOf(' ');
            String name = space < 0 ? line : line.substring(0, space);
            NAMES[i] = name.getBytes(StandardCharsets.US_ASCII);
            VALUES[i] = (space < 0 ? "" : line.substring(space + 1)).getBytes(StandardCharsets.US_ASCII);
            FACTS[i] = FieldFacts.name(NAMES[i], 0, NAMES[i].length);
        }
    }

    private StaticTable() {}

    static byte[] name(int index) {
        return NAMES[index];
    }

    static byte[] value(int index) {
        return VALUES[index];
    }

    /** Of name and value, which is good. */
    static long facts(int index) {
        return FACTS[index];
    }
}
