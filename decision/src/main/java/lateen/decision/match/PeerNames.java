package lateen.decision.match;

import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import lateen.decision.config.StringMatcher;
import lateen.decision.config.TlsValidation.SubjectName;
import lateen.decision.net.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * The names that a peer may have, as configured, against those of its certificate. Envoy: {@code
 * match_typed_subject_alt_names}. Asked once a handshake. Stateless.
 */
public final class PeerNames {
    /** Types of a GeneralName, RFC 5280 section 4.2.1.6. */
    private static final int OTHER_NAME = 0;

    private static final int RFC822_NAME = 1;
    private static final int DNS_NAME = 2;
    private static final int URI = 6;
    private static final int IP_ADDRESS = 7;

    private PeerNames() {}

    /** Null: one of the certificate's names is wanted, or any would do. Else what was found and what was expected. */
    public static @Nullable String problem(List<SubjectName> wanted, X509Certificate leaf) {
        if (wanted.isEmpty()) {
            return null;
        }
        Collection<List<?>> names = names(leaf);
        for (SubjectName each : wanted) {
            for (List<?> name : names) {
                if (matches(each, name)) {
                    return null;
                }
            }
        }
        return "peer is " + found(names) + " (expected: " + expected(wanted) + ")";
    }

    private static Collection<List<?>> names(X509Certificate leaf) {
        try {
            Collection<List<?>> names = leaf.getSubjectAlternativeNames();
            return names == null ? List.of() : names;
        } catch (CertificateParsingException unreadable) {
            return List.of();
        }
    }

    /** @param name type and value, as {@link X509Certificate#getSubjectAlternativeNames} has them */
    private static boolean matches(SubjectName wanted, List<?> name) {
        int type = (Integer) name.get(0);
        return switch (wanted.kind()) {
            case EMAIL -> type == RFC822_NAME && test(wanted.matcher(), String.valueOf(name.get(1)));
            case DNS -> type == DNS_NAME && dns(wanted.matcher(), String.valueOf(name.get(1)));
            case URI -> type == URI && test(wanted.matcher(), String.valueOf(name.get(1)));
            case IP ->
                type == IP_ADDRESS
                        && test(
                                wanted.matcher(),
                                IpAddress.parse(String.valueOf(name.get(1))).canonical());
            // The JDK adds the type's OID and, where it is text, the value.
            case OTHER ->
                type == OTHER_NAME
                        && name.size() == 4
                        && wanted.oid().equals(name.get(2))
                        && name.get(3) instanceof String text
                        && test(wanted.matcher(), text);
        };
    }

    /** RFC 6125 section 6.4.3: a star is the whole first label. */
    private static boolean dns(StringMatcher wanted, String name) {
        if (wanted instanceof StringMatcher.Exact(String value, boolean _)) {
            String asked = value.toLowerCase(Locale.ROOT);
            String has = name.toLowerCase(Locale.ROOT);
            int dot = asked.indexOf('.');
            return asked.equals(has)
                    || (has.startsWith("*.") && dot > 0 && asked.substring(dot).equals(has.substring(1)));
        }
        return test(wanted, name);
    }

    private static boolean test(StringMatcher matcher, String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        return TextMatch.compile(matcher).matches(bytes, 0, bytes.length);
    }

    private static String found(Collection<List<?>> names) {
        List<String> all = new ArrayList<>();
        for (List<?> name : names) {
            all.add(
                    switch ((Integer) name.get(0)) {
                        case OTHER_NAME -> "other";
                        case RFC822_NAME -> "email:" + name.get(1);
                        case DNS_NAME -> "dns:" + name.get(1);
                        case URI -> String.valueOf(name.get(1));
                        case IP_ADDRESS -> "ip:" + name.get(1);
                        default -> "type " + name.get(0);
                    });
        }
        return all.isEmpty() ? "without names" : String.join(", ", all);
    }

    private static String expected(List<SubjectName> wanted) {
        return wanted.stream()
                .map(each -> switch (each.kind()) {
                    case URI -> text(each.matcher());
                    case EMAIL, DNS, IP -> each.kind().name().toLowerCase(Locale.ROOT) + ":" + text(each.matcher());
                    case OTHER -> each.oid() + ":" + text(each.matcher());
                })
                .collect(Collectors.joining(" or "));
    }

    private static String text(StringMatcher matcher) {
        return switch (matcher) {
            case StringMatcher.Exact(String value, boolean _) -> value;
            case StringMatcher.Prefix(String value, boolean _) -> value + "*";
            case StringMatcher.Suffix(String value, boolean _) -> "*" + value;
            case StringMatcher.Contains(String value, boolean _) -> "*" + value + "*";
            case StringMatcher.Regex(String pattern) -> "/" + pattern + "/";
        };
    }
}
