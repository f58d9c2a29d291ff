package lateen.proxy.http1;

import lateen.decision.request.HeaderName;

/** Connection options. RFC 9110 section 7.6.1. */
final class HopByHop {

    private static final byte[] UPGRADE = {'u', 'p', 'g', 'r', 'a', 'd', 'e'};

    /** Never removed because Connection names them. */
    private static final HeaderName[] KEPT = {
        KnownHeader.HOST,
        KnownHeader.CONTENT_LENGTH,
        KnownHeader.TRANSFER_ENCODING,
        HeaderName.of("content-type"),
        HeaderName.of("content-encoding"),
        HeaderName.of("cache-control"),
        HeaderName.of("authorization"),
        HeaderName.of("cookie"),
        HeaderName.of("set-cookie"),
        HeaderName.of("forwarded"),
        HeaderName.of("x-forwarded-for"),
        HeaderName.of("x-forwarded-host"),
        HeaderName.of("x-forwarded-proto"),
        HeaderName.of("x-forwarded-client-cert"),
        HeaderName.of("x-envoy-external-address"),
        HeaderName.of("x-request-id"),
    };

    private final Head head;

    HopByHop(Head head) {
        this.head = head;
    }

    /** Whether the list in line {@code i} holds the option. */
    boolean names(int i, HeaderName option) {
        byte[] a = head.buf;
        int end = head.valueEnd(i);
        for (int at = head.valueStart(i); at < end; ) {
            int comma = Bytes.find(a, at, end, (byte) ',');
            int from = skipBlanks(a, at, comma);
            if (option.matches(a, from, trimBlanks(a, from, comma))) {
                return true;
            }
            at = comma + 1;
        }
        return false;
    }

    void remove(boolean keepUpgrade) {
        for (int i = head.find(KnownHeader.CONNECTION, 0); i >= 0; i = head.find(KnownHeader.CONNECTION, 0)) {
            int start = head.valueStart(i);
            int end = head.valueEnd(i);
            head.removeAt(i);
            removeNamed(start, end, keepUpgrade);
        }
        head.remove(KnownHeader.KEEP_ALIVE);
        head.remove(KnownHeader.PROXY_CONNECTION);
        head.remove(KnownHeader.HTTP2_SETTINGS);
        if (!head.http2) {
            head.remove(KnownHeader.TE);
        }
        if (keepUpgrade) {
            head.add(KnownHeader.CONNECTION, UPGRADE);
        } else {
            head.remove(KnownHeader.UPGRADE);
        }
    }

    private void removeNamed(int start, int end, boolean keepUpgrade) {
        byte[] a = head.buf;
        for (int at = start; at < end; ) {
            int comma = Bytes.find(a, at, end, (byte) ',');
            int from = skipBlanks(a, at, comma);
            int to = trimBlanks(a, from, comma);
            if (from < to && !kept(a, from, to) && !(keepUpgrade && KnownHeader.UPGRADE.matches(a, from, to))) {
                int hash = 0;
                for (int i = from; i < to; i++) {
                    hash = 31 * hash + HeaderName.lower(a[i]);
                }
                head.removeNamed(hash, from, to);
            }
            at = comma + 1;
        }
    }

    private static boolean kept(byte[] a, int from, int to) {
        for (HeaderName name : KEPT) {
            if (name.matches(a, from, to)) {
                return true;
            }
        }
        return false;
    }

    private static int skipBlanks(byte[] a, int from, int to) {
        int i = from;
        while (i < to && Bytes.blank(a[i])) {
            i++;
        }
        return i;
    }

    private static int trimBlanks(byte[] a, int from, int to) {
        int i = to;
        while (i > from && Bytes.blank(a[i - 1])) {
            i--;
        }
        return i;
    }
}
