package lateen.control.source;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Istio: {@code HTTPMatchRequest}; all that is there must hold.
 *
 * @param name appended to the route's; empty: none
 * @param uri the path; null: any
 * @param headers by lower-case name
 * @param withoutHeaders by lower-case name: none of these holds
 * @param port of the listener; null: any
 */
public record HttpMatch(
        String name,
        @Nullable StringMatch uri,
        boolean ignoreUriCase,
        @Nullable StringMatch method,
        @Nullable StringMatch authority,
        @Nullable StringMatch scheme,
        Map<String, StringMatch> headers,
        Map<String, StringMatch> withoutHeaders,
        Map<String, StringMatch> queryParams,
        @Nullable Integer port,
        SourceMatch source) {

    public HttpMatch {
        headers = Collections.unmodifiableMap(new TreeMap<>(headers));
        withoutHeaders = Collections.unmodifiableMap(new TreeMap<>(withoutHeaders));
        queryParams = Collections.unmodifiableMap(new TreeMap<>(queryParams));
    }

    static HttpMatch read(FieldReader in) {
        HttpMatch match = new HttpMatch(
                in.text("name", TextRule.ANY, ""),
                value(in, "uri"),
                in.flag("ignoreUriCase", false),
                value(in, "method"),
                value(in, "authority"),
                value(in, "scheme"),
                headers(in, "headers"),
                headers(in, "withoutHeaders"),
                in.children("queryParams", StringMatch::readOrPresent),
                in.integerOrNull("port", 1, 65535),
                SourceMatch.read(in));
        in.unsupported("statPrefix");
        in.end();
        checkPath(match, in);
        return match;
    }

    /** A path that cannot come, which would be a route that never matches. */
    private static void checkPath(HttpMatch match, FieldReader in) {
        String path = switch (match.uri) {
            case StringMatch.Exact(String value) -> value;
            case StringMatch.Prefix(String value) -> value;
            case StringMatch.Regex _ -> "/";
            case StringMatch.Present _ -> "/";
            case null -> "/";
        };
        if (!path.startsWith("/")) {
            in.problems().error(in.origin("uri"), in.path("uri"), '"' + path + "\" (expected: a path, /…)");
        }
    }

    private static @Nullable StringMatch value(FieldReader in, String name) {
        FieldReader child = in.child(name);
        return child == null ? null : StringMatch.read(child);
    }

    private static Map<String, StringMatch> headers(FieldReader in, String field) {
        Map<String, StringMatch> out = new LinkedHashMap<>();
        Set<String> seen = new TreeSet<>();
        in.children(field, StringMatch::readOrPresent).forEach((name, match) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            if (!TextRule.HEADER_NAME.holds().test(name) || lower.equals("host") || !seen.add(lower)) {
                String expected = "\" (expected: a header name, once; claims of tokens are not supported yet, the host"
                        + " is matched by authority)";
                in.problems().error(in.origin(field), in.path(field) + "." + name, '"' + name + expected);
            }
            out.put(lower, match);
        });
        return out;
    }

    /**
     * What is known of the caller when its configuration is made. Istio: {@code sourceLabels, sourceNamespace, gateways}.
     *
     * @param namespace empty: any
     * @param mesh it holds for sidecars, and not for gateways only
     */
    public record SourceMatch(Map<String, String> labels, String namespace, boolean mesh) {
        public SourceMatch {
            labels = Map.copyOf(labels);
        }

        public boolean matches(String callerNamespace, Map<String, String> callerLabels) {
            return mesh
                    && (namespace.isEmpty() || namespace.equals(callerNamespace))
                    && callerLabels.entrySet().containsAll(labels.entrySet());
        }

        static SourceMatch read(FieldReader in) {
            Map<String, String> labels = in.textMap("sourceLabels");
            String namespace = in.text("sourceNamespace", TextRule.LABEL_NAME, "");
            List<String> gateways = in.texts("gateways", TextRule.NOT_EMPTY);
            VirtualService.reportGateways(in, gateways);
            // As in Istio, gateways named in a match stand in place of the labels.
            return gateways.isEmpty()
                    ? new SourceMatch(labels, namespace, true)
                    : new SourceMatch(Map.of(), "", gateways.contains(VirtualService.MESH));
        }
    }
}
