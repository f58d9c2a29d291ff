package lateen.control.source;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Istio: {@code Headers}. Names in lower case; {@code host} and {@code :authority} are never among them.
 *
 * @param authority to be put in the request; null: kept
 */
public record HeaderChanges(
        Side request, Side response, @Nullable String authority) {

    public static final HeaderChanges NONE = new HeaderChanges(Side.NONE, Side.NONE, null);

    /** Istio: {@code HeaderOperations}. */
    public record Side(Map<String, String> set, Map<String, String> add, List<String> remove) {
        static final Side NONE = new Side(Map.of(), Map.of(), List.of());

        public Side {
            set = java.util.Collections.unmodifiableMap(new TreeMap<>(set));
            add = java.util.Collections.unmodifiableMap(new TreeMap<>(add));
            remove = List.copyOf(remove);
        }
    }

    static HeaderChanges read(FieldReader parent) {
        FieldReader in = parent.child("headers");
        if (in == null) {
            return NONE;
        }
        Map<String, String> authority = new LinkedHashMap<>();
        FieldReader request = in.child("request");
        FieldReader response = in.child("response");
        HeaderChanges changes = new HeaderChanges(
                request == null ? Side.NONE : side(request, authority),
                response == null ? Side.NONE : side(response, null),
                null);
        in.end();
        String chosen = authority.getOrDefault("set", authority.get("add"));
        return new HeaderChanges(changes.request, changes.response, chosen);
    }

    /**
     * @param authority where a value for it goes, by operation; null: there is no authority on this side
     */
    private static Side side(FieldReader in, @Nullable Map<String, String> authority) {
        Map<String, String> set = names(in, "set", authority);
        Map<String, String> add = names(in, "add", authority);
        List<String> remove = new ArrayList<>();
        for (String name : in.texts("remove", TextRule.HEADER_NAME)) {
            if (name.equalsIgnoreCase("host")) {
                in.problems()
                        .error(in.origin("remove"), in.path("remove"), "\"host\" (expected: a header that may go)");
            } else {
                remove.add(name.toLowerCase(Locale.ROOT));
            }
        }
        in.end();
        return new Side(set, add, remove);
    }

    private static Map<String, String> names(
            FieldReader in, String operation, @Nullable Map<String, String> authority) {
        Map<String, String> out = new LinkedHashMap<>();
        in.textMap(operation, TextRule.HEADER_VALUE).forEach((name, value) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            if (authority != null && (lower.equals("host") || lower.equals(":authority"))) {
                authority.put(operation, value);
            } else if (lower.equals("host") || !TextRule.HEADER_NAME.holds().test(name)) {
                in.problems()
                        .error(
                                in.origin(operation),
                                in.path(operation) + "." + name,
                                '"' + name + "\" (expected: a header name)");
            } else if (out.put(lower, value) != null) {
                in.problems().error(in.origin(operation), in.path(operation) + "." + name, "is there twice");
            }
        });
        return out;
    }
}
