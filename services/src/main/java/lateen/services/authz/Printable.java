package lateen.services.authz;

/** Text of strangers for logs and headers: visible ASCII and spaces, the rest as question marks, cut at 300. */
final class Printable {
    private static final int MAX = 300;

    private Printable() {}

    static String of(String text) {
        String part = text.length() > MAX ? text.substring(0, MAX) + "..." : text;
        return part.replaceAll("[^ -~]", "?");
    }
}
