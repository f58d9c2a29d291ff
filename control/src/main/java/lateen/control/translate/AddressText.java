package lateen.control.translate;

import lateen.decision.net.IpAddress;

/** Addresses as text in the one form of RFC 5952, which is what clients write into {@code Host}. */
final class AddressText {

    private static final int GROUPS = 8;

    private AddressText() {}

    static String of(IpAddress ip) {
        return ip.v6() ? v6(ip) : ip.toString();
    }

    private static String v6(IpAddress ip) {
        int[] groups = new int[GROUPS];
        for (int i = 0; i < GROUPS; i++) {
            long half = i < 4 ? ip.high() : ip.low();
            groups[i] = (int) (half >>> (48 - 16 * (i % 4)) & 0xFFFF);
        }
        int start = -1;
        int length = 1;
        for (int i = 0; i < GROUPS; i++) {
            int end = i;
            while (end < GROUPS && groups[end] == 0) {
                end++;
            }
            if (end - i > length) {
                start = i;
                length = end - i;
            }
        }
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < GROUPS; i++) {
            if (i == start) {
                out.append("::");
                i += length - 1;
            } else {
                if (!out.isEmpty() && out.charAt(out.length() - 1) != ':') {
                    out.append(':');
                }
                out.append(Integer.toHexString(groups[i]));
            }
        }
        return out.toString();
    }
}
