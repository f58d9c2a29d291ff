package lateen.control.translate;

import io.envoyproxy.envoy.config.rbac.v3.Principal;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;

/** Istio's names of peers → matchers on the URI of the peer's certificate. */
final class Principals {

    private static final String ALIAS = "cluster.local/";

    private final String trustDomain;

    Principals(String trustDomain) {
        this.trustDomain = trustDomain;
    }

    /** {@code cluster.local/ns/x/sa/y} without the scheme, or a pattern; {@code cluster.local} is this trust domain. */
    Principal principal(String pattern) {
        StringMatcher.Builder name = StringMatcher.newBuilder();
        if (pattern.equals("*")) {
            return authenticated(name.setSafeRegex(regex(".+")));
        }
        if (pattern.startsWith("*")) {
            return authenticated(name.setSuffix(pattern.substring(1)));
        }
        String local = pattern.startsWith(ALIAS) ? trustDomain + "/" + pattern.substring(ALIAS.length()) : pattern;
        String uri = "spiffe://" + local;
        return authenticated(
                uri.endsWith("*") ? name.setPrefix(uri.substring(0, uri.length() - 1)) : name.setExact(uri));
    }

    /** The namespace is the part of the URI between {@code /ns/} and {@code /sa/}. */
    Principal namespace(String pattern) {
        String ns = "spiffe://" + trustDomain + "/ns/";
        StringMatcher.Builder name = StringMatcher.newBuilder();
        if (pattern.startsWith("*")) {
            String rest = RegexText.quote(pattern.substring(1));
            return authenticated(name.setSafeRegex(regex(RegexText.quote(ns) + "[^/]*" + rest + "/sa/.*")));
        }
        return authenticated(
                pattern.endsWith("*")
                        ? name.setPrefix(ns + pattern.substring(0, pattern.length() - 1))
                        : name.setPrefix(ns + pattern + "/"));
    }

    static RegexMatcher regex(String pattern) {
        return RegexMatcher.newBuilder().setRegex(pattern).build();
    }

    private static Principal authenticated(StringMatcher.Builder name) {
        return Principal.newBuilder()
                .setAuthenticated(Principal.Authenticated.newBuilder().setPrincipalName(name))
                .build();
    }
}
