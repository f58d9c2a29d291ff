package lateen.control.source;

import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
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

    private static final Pattern AMOUNT = Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{1,9})?)(h|ms|m|us|s)");

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

    static final TextRule DURATION = new TextRule("a duration above 0, as in 0.5s, 250ms or 1m", s -> {
        Duration duration = duration(s);
        return !duration.isZero() && duration.compareTo(Duration.ofDays(365)) < 0;
    });

    static TextRule oneOf(String... values) {
        List<String> all = List.of(values);
        return new TextRule(all.size() == 1 ? all.getFirst() : String.join(", ", all), all::contains);
    }

    /** Zero when it is no duration. */
    static Duration duration(String s) {
        Matcher number = AMOUNT.matcher(s);
        Duration sum = Duration.ZERO;
        int end = 0;
        while (number.find() && number.start() == end && sum.toDays() < 365) {
            long unit = switch (number.group(2)) {
                case "h" -> 3_600_000_000L;
                case "m" -> 60_000_000L;
                case "s" -> 1_000_000L;
                case "ms" -> 1_000L;
                default -> 1L;
            };
            sum = sum.plusNanos((long) (Double.parseDouble(number.group(1)) * unit * 1000));
            end = number.end();
        }
        return end == s.length() ? sum : Duration.ZERO;
    }

    private static boolean isPattern(String s) {
        if (s.isEmpty()) {
            return false;
        }
        int star = s.indexOf('*');
        return star < 0 || s.equals("*") || (s.indexOf('*', star + 1) < 0 && (star == 0 || star == s.length() - 1));
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
