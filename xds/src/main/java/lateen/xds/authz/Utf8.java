package lateen.xds.authz;

/** Protobuf's text is UTF-8, header bytes need not be: what is none becomes {@code !}, byte by byte, as in Envoy. */
final class Utf8 {

    private Utf8() {}

    static void sanitize(byte[] bytes, int start, int end) {
        int at = start;
        while (at < end) {
            int length = valid(bytes, at, end);
            if (length == 0) {
                bytes[at] = '!';
                at++;
            } else {
                at += length;
            }
        }
    }

    /** Bytes of the character that begins there; 0: none does. Unicode, table 3-7. */
    private static int valid(byte[] bytes, int at, int end) {
        int first = bytes[at] & 0xff;
        if (first < 0x80) {
            return 1;
        }
        int length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
        if (length == 0 || end - at < length) {
            return 0;
        }
        int second = bytes[at + 1] & 0xff;
        int least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
        int most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
        if (second < least || second > most) {
            return 0;
        }
        for (int i = 2; i < length; i++) {
            if ((bytes[at + i] & 0xc0) != 0x80) {
                return 0;
            }
        }
        return length;
    }
}
