package lateen.control.registry;

import java.util.Comparator;

/** Hosts as VirtualServices and DestinationRules write them. */
final class HostNames {

    /** The longer pattern says more. {@code *} says least. */
    static final Comparator<String> MOST_SPECIFIC_FIRST =
            Comparator.comparingInt(String::length).reversed().thenComparing(Comparator.naturalOrder());

    private HostNames() {}

    /** Istio's rule: a name without a dot is a service of the object's namespace. */
    static String resolve(String host, String namespace, String domain) {
        return host.indexOf('.') >= 0 || host.equals("*") ? host : host + "." + namespace + ".svc." + domain;
    }

    static boolean isPattern(String host) {
        return host.startsWith("*");
    }

    /** {@code *} takes everything, {@code *.shop} what ends in {@code .shop}. */
    static boolean matches(String pattern, String host) {
        return isPattern(pattern) ? host.endsWith(pattern.substring(1)) : host.equals(pattern);
    }
}
