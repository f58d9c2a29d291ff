package lateen.control.source;

import com.google.re2j.PatternSyntaxException;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import lateen.decision.net.Cidr;
import lateen.decision.net.IpAddress;

/**
 * What a text must look like.
 *
 * @param expected completes "expected: …"
 */
record TextRule(String expected, Predicate<String> holds) {

    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
    private static final Pattern SUBDOMAIN =
            Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

    private static final Pattern AUTHORITY = Pattern.compile("([A-Za-z0-9._~-]+|\\[[0-9a-fA-F:.]+])(:[0-9]{1,5})?");

    static final TextRule ANY = new TextRule("text", _ -> true);
    static final TextRule NOT_EMPTY = new TextRule("text", s -> !s.isEmpty());

    /** RFC 1123 label, as Kubernetes asks of namespaces and Services. */
    static final TextRule LABEL_NAME = new TextRule(
            "up to 63 lower-case letters, digits and '-'", s -> LABEL.matcher(s).matches());

    static final TextRule OBJECT_NAME = new TextRule(
            "lower-case letters, digits, '-' and '.'",
            s -> s.length() <= 253 && SUBDOMAIN.matcher(s).matches());

    /** Istio's string match of AuthorizationPolicy: {@code *} only as first or last character. */
    static final TextRule PATTERN = new TextRule("exact, prefix* or *suffix", TextRule::isPattern);

    static final TextRule PATH =
            new TextRule("exact, prefix* or *suffix; no {templates} yet", s -> isPattern(s) && s.indexOf('{') < 0);

    /** RFC 9110 5.6.2, or a pattern of it. */
    static final TextRule METHOD = new TextRule(
            "an HTTP method, exact, prefix* or *suffix",
            s -> isPattern(s) && TOKEN.matcher(s).matches());

    static final TextRule PORT = new TextRule("a port, \"1\" to \"65535\"", s -> port(s) > 0);

    static final TextRule ADDRESS = new TextRule("an IPv4 or IPv6 address", TextRule::isAddress);

    static final TextRule RANGE = new TextRule("an address or address/length", TextRule::isRange);

    /** A name of DNS, as requests carry it; letter case does not count there, so it does not here. */
    static final TextRule HOST = new TextRule(
            "a host name in lower case",
            s -> s.length() <= 253 && SUBDOMAIN.matcher(s).matches());

    /** Istio's hosts of VirtualService and DestinationRule. */
    static final TextRule HOST_PATTERN = new TextRule(
            "a host name in lower case, *.suffix or *",
            s -> s.equals("*") || HOST.holds.test(s.startsWith("*.") ? s.substring(2) : s));

    /** RFC 3986 3.2 without user information. */
    static final TextRule HOST_AND_PORT =
            new TextRule("a host, or host:port", s -> AUTHORITY.matcher(s).matches());

    /** What is written into a request line. */
    static final TextRule REQUEST_PATH = new TextRule(
            "a path, /…, without spaces and control characters",
            s -> s.startsWith("/") && s.chars().noneMatch(c -> c <= ' ' || c == 0x7f));

    static final TextRule REGEX = new TextRule("RE2 syntax", TextRule::isRegex);

    /** RFC 9110 5.1, without pseudo headers. */
    static final TextRule HEADER_NAME =
            new TextRule("a header name", s -> TOKEN.matcher(s).matches());

    /** What Envoy would read as an operator is refused; {@code %%} is a percent sign. */
    static final TextRule HEADER_VALUE = new TextRule(
            "one line of text; %operators% are not supported yet, %% is a percent sign",
            s -> s.replace("%%", "").indexOf('%') < 0 && s.chars().noneMatch(c -> c < ' ' && c != '\t'));

    static TextRule oneOf(String... values) {
        List<String> all = List.of(values);
        return new TextRule(all.size() == 1 ? all.getFirst() : String.join(", ", all), all::contains);
    }

    private static boolean isPattern(String s) {
        if (s.isEmpty()) {
            return false;
        }
        int star = s.indexOf('*');
        return star < 0 || s.equals("*") || (s.indexOf('*', star + 1) < 0 && (star == 0 || star == s.length() - 1));
    }

    private static boolean isRegex(String s) {
        try {
            return com.google.re2j.Pattern.compile(s).groupCount() >= 0;
        } catch (PatternSyntaxException e) {
            return false;
        }
    }

    private static int port(String s) {
        try {
            int port = Integer.parseInt(s);
            return port <= 65535 ? port : -1;
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    /** IPv4 in four decimal parts only: the JDK also reads "10.1" as 10.0.0.1, which nobody means. */
    private static boolean isAddress(String s) {
        try {
            IpAddress address = IpAddress.parse(s);
            return s.indexOf(':') >= 0 || address.toString().equals(s);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static boolean isRange(String s) {
        int slash = s.indexOf('/');
        try {
            return isAddress(slash < 0 ? s : s.substring(0, slash))
                    && Cidr.parse(s).length() >= 0;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
