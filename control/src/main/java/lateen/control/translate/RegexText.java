package lateen.control.translate;

/** Literal text inside RE2 patterns. */
final class RegexText {

    private static final String SPECIAL = "\\.+*?()|[]{}^$";

    private RegexText() {}

    static String quote(String text) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (SPECIAL.indexOf(c) >= 0) {
                out.append('\\');
            }
            out.append(c);
        }
        return out.toString();
    }
}
