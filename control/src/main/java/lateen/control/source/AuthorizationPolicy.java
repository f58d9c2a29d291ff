package lateen.control.source;

import java.util.List;
import java.util.Map;

/**
 * Istio: {@code AuthorizationPolicy}. Patterns are exact, {@code prefix*}, {@code *suffix} or {@code *}.
 *
 * @param selector labels; empty: the whole namespace, or the mesh when in the root namespace
 * @param provider name of the {@link ExtensionProvider} that decides; empty unless {@link Action#CUSTOM}
 * @param rules none: nothing matches
 */
public record AuthorizationPolicy(
        ObjectMeta meta, Map<String, String> selector, Action action, String provider, List<Rule> rules)
        implements ConfigObject {

    public AuthorizationPolicy {
        selector = Map.copyOf(selector);
        rules = List.copyOf(rules);
    }

    @Override
    public String kind() {
        return "AuthorizationPolicy";
    }

    /** Istio: {@code AuthorizationPolicy.Action}, as far as supported. */
    public enum Action {
        ALLOW,
        DENY,
        CUSTOM
    }

    /**
     * Matches when one source and one operation do.
     *
     * @param from empty: any source
     * @param to empty: any operation
     */
    public record Rule(List<Source> from, List<Operation> to, Origin origin) {
        public Rule {
            from = List.copyOf(from);
            to = List.copyOf(to);
        }

        /** Whether it asks for something that only an HTTP request has. */
        public boolean needsHttp() {
            return from.stream().anyMatch(Source::needsHttp) || to.stream().anyMatch(Operation::needsHttp);
        }
    }

    /** All that is not empty must match. */
    public record Source(Values principals, Values namespaces, Values ipBlocks, Values remoteIpBlocks) {
        boolean needsHttp() {
            return !remoteIpBlocks.isEmpty();
        }
    }

    /** All that is not empty must match. */
    public record Operation(Values hosts, Values ports, Values methods, Values paths) {
        boolean needsHttp() {
            return !hosts.isEmpty() || !methods.isEmpty() || !paths.isEmpty();
        }
    }

    /**
     * One of {@code any} matches, and none of {@code not}.
     *
     * @param any empty: no condition
     */
    public record Values(List<String> any, List<String> not) {
        public Values {
            any = List.copyOf(any);
            not = List.copyOf(not);
        }

        public boolean isEmpty() {
            return any.isEmpty() && not.isEmpty();
        }
    }

    static AuthorizationPolicy read(ObjectMeta meta, FieldReader object) {
        FieldReader spec = object.childOrEmpty("spec");
        Map<String, String> selector = PeerAuthentication.selector(spec);
        String action = spec.text(
                "action",
                new TextRule(
                        "ALLOW, DENY or CUSTOM; AUDIT is not supported yet",
                        s -> s.equals("ALLOW") || s.equals("DENY") || s.equals("CUSTOM")),
                "ALLOW");
        boolean custom = action.equals("CUSTOM");
        String provider = provider(spec, custom);
        List<Rule> rules = spec.list("rules", AuthorizationPolicy::rule);
        if (custom && rules.isEmpty()) {
            spec.missing("rules", "at least one rule: without any the provider is never asked");
        }
        spec.unsupported("targetRef", "targetRefs");
        spec.end();
        return new AuthorizationPolicy(meta, selector, Action.valueOf(action), provider, rules);
    }

    private static String provider(FieldReader spec, boolean custom) {
        FieldReader in = spec.child("provider");
        if (custom && in == null) {
            spec.missing("provider", "a map with the name of an extension provider, as action is CUSTOM");
        } else if (!custom && in != null) {
            in.problems().error(in.origin(), in.path(), "is for action CUSTOM only (expected: leave it out)");
        }
        if (in == null) {
            return "";
        }
        String name = in.required("name", TextRule.NOT_EMPTY);
        in.end();
        return name;
    }

    private static Rule rule(FieldReader in) {
        List<Source> from = in.list("from", f -> source(only(f, "source")));
        List<Operation> to = in.list("to", t -> operation(only(t, "operation")));
        in.unsupported("when");
        in.end();
        return new Rule(from, to, in.origin());
    }

    /** {@code from[i]} and {@code to[i]} are maps of one field. */
    private static FieldReader only(FieldReader item, String field) {
        FieldReader child = item.child(field);
        item.end();
        if (child == null) {
            item.missing(field, "a map with at least one condition");
            return item.childOrEmpty(field);
        }
        return child;
    }

    private static Source source(FieldReader in) {
        Source source = new Source(
                values(in, "principals", TextRule.PATTERN),
                values(in, "namespaces", TextRule.PATTERN),
                values(in, "ipBlocks", TextRule.RANGE),
                values(in, "remoteIpBlocks", TextRule.RANGE));
        in.unsupported("requestPrincipals", "notRequestPrincipals", "serviceAccounts", "notServiceAccounts");
        in.end();
        if (source.principals.isEmpty()
                && source.namespaces.isEmpty()
                && source.ipBlocks.isEmpty()
                && source.remoteIpBlocks.isEmpty()) {
            in.problems().error(in.origin(), in.path(), "is empty (expected: a condition)");
        }
        return source;
    }

    private static Operation operation(FieldReader in) {
        Operation operation = new Operation(
                values(in, "hosts", TextRule.PATTERN),
                values(in, "ports", TextRule.PORT),
                values(in, "methods", TextRule.METHOD),
                values(in, "paths", TextRule.PATH));
        in.end();
        if (!operation.needsHttp() && operation.ports.isEmpty()) {
            in.problems().error(in.origin(), in.path(), "is empty (expected: a condition)");
        }
        return operation;
    }

    /** A field and its negation: {@code paths} and {@code notPaths}. */
    private static Values values(FieldReader in, String name, TextRule rule) {
        String not = "not" + Character.toUpperCase(name.charAt(0)) + name.substring(1);
        return new Values(in.texts(name, rule), in.texts(not, rule));
    }
}
