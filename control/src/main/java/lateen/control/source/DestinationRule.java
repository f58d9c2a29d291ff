package lateen.control.source;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Istio: {@code DestinationRule}.
 *
 * @param host as written: a name without a dot is one of the object's namespace
 * @param policy null: the mesh's own
 */
public record DestinationRule(
        ObjectMeta meta,
        String host,
        ExportTo exportTo,
        @Nullable TrafficPolicy policy,
        List<Subset> subsets) implements ConfigObject {

    public DestinationRule {
        subsets = List.copyOf(subsets);
    }

    @Override
    public String kind() {
        return "DestinationRule";
    }

    /**
     * @param labels of its workloads; empty: all of them
     * @param policy over that of the rule; null: the rule's
     */
    public record Subset(
            String name,
            Map<String, String> labels,
            @Nullable TrafficPolicy policy) {
        public Subset {
            labels = Map.copyOf(labels);
        }
    }

    static DestinationRule read(ObjectMeta meta, FieldReader object) {
        FieldReader spec = object.childOrEmpty("spec");
        String host = spec.required("host", TextRule.HOST_PATTERN);
        ExportTo exportTo = ExportTo.read(spec);
        TrafficPolicy policy = TrafficPolicy.readOrNull(spec);
        List<Subset> subsets = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Subset subset : spec.list("subsets", DestinationRule::subset)) {
            if (!names.add(subset.name())) {
                spec.problems()
                        .error(
                                spec.origin("subsets"),
                                spec.path("subsets"),
                                '"' + subset.name() + "\" is there twice (expected: one subset of a name)");
            }
            subsets.add(subset);
        }
        spec.unsupported("workloadSelector");
        spec.end();
        return new DestinationRule(meta, host, exportTo, policy, subsets);
    }

    private static Subset subset(FieldReader in) {
        String name = in.required("name", TextRule.LABEL_NAME);
        Map<String, String> labels = in.textMap("labels");
        TrafficPolicy policy = TrafficPolicy.readOrNull(in);
        in.end();
        return new Subset(name, labels, policy);
    }
}
