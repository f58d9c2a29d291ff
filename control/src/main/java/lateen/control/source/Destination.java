package lateen.control.source;

import org.jspecify.annotations.Nullable;

/**
 * Istio: {@code Destination}.
 *
 * @param host as written: a name without a dot is one of the object's namespace
 * @param subset null: all of the service
 * @param port null: that of the listener, or the only one of the service
 * @param origin for messages about what it refers to
 */
public record Destination(
        String host, @Nullable String subset, @Nullable Integer port, Origin origin, String path) {

    static Destination read(FieldReader parent) {
        FieldReader in = parent.childOrEmpty("destination");
        if (!parent.has("destination")) {
            parent.missing("destination", "a map with a host");
        }
        String host = parent.has("destination") ? in.required("host", TextRule.HOST) : "";
        String subset = in.text("subset", TextRule.LABEL_NAME);
        FieldReader port = in.child("port");
        Integer number = null;
        if (port != null) {
            number = port.integerOrNull("number", 1, 65535);
            if (number == null) {
                port.missing("number", "a number, 1..65535");
            }
            port.end();
        }
        in.end();
        return new Destination(host, subset, number, in.origin("host"), in.path());
    }

    /**
     * The sum of weights must be more than 0 when there are several; one alone takes everything whatever its weight.
     */
    static void checkWeights(FieldReader in, String name, Iterable<Integer> weights) {
        long sum = 0;
        int count = 0;
        for (int weight : weights) {
            sum += weight;
            count++;
        }
        if (count > 1 && (sum == 0 || sum > 0xFFFF_FFFFL)) {
            in.problems()
                    .error(
                            in.origin(name),
                            in.path(name),
                            "weights sum to " + sum + " (expected: 1..4294967295; give one a weight)");
        }
    }
}
