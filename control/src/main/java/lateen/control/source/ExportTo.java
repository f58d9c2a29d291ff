package lateen.control.source;

import java.util.List;

/**
 * Istio: {@code exportTo}, the namespaces whose proxies see an object.
 *
 * @param namespaces names, {@code .} for the object's own, {@code *} for all; empty: all
 */
public record ExportTo(List<String> namespaces) {

    private static final TextRule RULE = new TextRule(
            "\".\", \"*\" or a namespace",
            s -> s.equals(".") || s.equals("*") || TextRule.LABEL_NAME.holds().test(s));

    public ExportTo {
        namespaces = List.copyOf(namespaces);
    }

    static ExportTo read(FieldReader spec) {
        return new ExportTo(spec.texts("exportTo", RULE));
    }

    public boolean everywhere() {
        return namespaces.isEmpty() || namespaces.contains("*");
    }

    /**
     * @param own namespace of the object
     */
    public boolean isSeenFrom(String namespace, String own) {
        return everywhere() || namespaces.contains(namespace) || (namespaces.contains(".") && namespace.equals(own));
    }
}
