package lateen.identity;

/** Text from outside, made fit for a log line: quoted, cut, and without control characters. */
final class Quoted {
    private static final int MAX = 120;

    private Quoted() {}

    /** At most 120 characters of {@code text} in quotes; anything but printable ASCII becomes {@code ?}. */
    static String of(String text) {
        StringBuilder out = new StringBuilder(Math.min(text.length(), MAX) + 5).append('"');
        for (int i = 0; i < Math.min(text.length(), MAX); i++) {
            char c = text.charAt(i);
            out.append(c >= ' ' && c < 127 && c != '"' ? c : '?');
        }
        return out.append(text.length() > MAX ? "\"..." : "\"").toString();
    }
}
