package lateen.decision.route;

/** RFC 3986, section 3.2: {@code host[:port]}, where an IPv6 host stands in brackets. */
final class Authority {

    private Authority() {}

    /** Where the host ends: before {@code :digits} at the end, else at {@code end}. */
    static int endOfHost(byte[] array, int start, int end) {
        int at = end - 1;
        while (at >= start && array[at] >= '0' && array[at] <= '9') {
            at--;
        }
        boolean port = at >= start && at < end - 1 && array[at] == ':';
        return port && !withinAddress(array, start, at) ? at : end;
    }

    /** Whether the colon is one of a bare IPv6 address: another one stands before it and no bracket closes in between. */
    private static boolean withinAddress(byte[] array, int start, int colon) {
        for (int i = colon - 1; i >= start; i--) {
            if (array[i] == ']') {
                return false;
            }
            if (array[i] == ':') {
                return true;
            }
        }
        return false;
    }
}
