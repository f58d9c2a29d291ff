package lateen.control.source;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Istio: {@code EnvoyFilter}, changes of what is sent to sidecars, in Envoy's own terms.
 *
 * @param selector labels; empty: the whole namespace, or the mesh when in the root namespace
 * @param priority lower ones are applied first
 */
public record EnvoyFilter(ObjectMeta meta, Map<String, String> selector, int priority, List<Patch> patches)
        implements ConfigObject {

    public EnvoyFilter {
        selector = Map.copyOf(selector);
        patches = List.copyOf(patches);
    }

    @Override
    public String kind() {
        return "EnvoyFilter";
    }

    /** Istio: {@code EnvoyFilter.ApplyTo}, as far as supported. */
    public enum ApplyTo {
        LISTENER,
        NETWORK_FILTER,
        HTTP_FILTER,
        ROUTE_CONFIGURATION,
        VIRTUAL_HOST,
        HTTP_ROUTE,
        CLUSTER;

        /** An empty value of the type that a patch has. */
        Message prototype() {
            return switch (this) {
                case LISTENER -> Listener.getDefaultInstance();
                case NETWORK_FILTER -> Filter.getDefaultInstance();
                case HTTP_FILTER -> HttpFilter.getDefaultInstance();
                case ROUTE_CONFIGURATION -> RouteConfiguration.getDefaultInstance();
                case VIRTUAL_HOST -> VirtualHost.getDefaultInstance();
                case HTTP_ROUTE -> Route.getDefaultInstance();
                case CLUSTER -> Cluster.getDefaultInstance();
            };
        }

        /** Those that Istio acts on. */
        Set<Operation> operations() {
            return switch (this) {
                case LISTENER, CLUSTER -> EnumSet.of(Operation.ADD, Operation.MERGE, Operation.REMOVE);
                case NETWORK_FILTER, HTTP_FILTER -> EnumSet.allOf(Operation.class);
                case ROUTE_CONFIGURATION -> EnumSet.of(Operation.MERGE);
                case VIRTUAL_HOST -> EnumSet.of(Operation.ADD, Operation.MERGE, Operation.REPLACE, Operation.REMOVE);
                case HTTP_ROUTE -> EnumSet.complementOf(EnumSet.of(Operation.REPLACE));
            };
        }
    }

    /** Istio: {@code EnvoyFilter.Patch.Operation}. */
    public enum Operation {
        ADD,
        INSERT_FIRST,
        INSERT_BEFORE,
        INSERT_AFTER,
        MERGE,
        REPLACE,
        REMOVE
    }

    /**
     * @param name for people: of the object, and which of its patches
     * @param value of the type that {@code applyTo} says; empty with {@link Operation#REMOVE}
     */
    public record Patch(
            String name, ApplyTo applyTo, PatchMatch match, Operation operation, Message value, Origin origin) {}

    static EnvoyFilter read(ObjectMeta meta, FieldReader object) {
        FieldReader spec = object.childOrEmpty("spec");
        FieldReader workload = spec.childOrEmpty("workloadSelector");
        Map<String, String> selector = workload.textMap("labels");
        workload.end();
        int priority = spec.integer("priority", Integer.MIN_VALUE, Integer.MAX_VALUE, 0);
        List<FieldReader> patches = spec.list("configPatches", in -> in);
        spec.unsupported("targetRefs");
        spec.end();
        List<Patch> read = new ArrayList<>();
        for (int i = 0; i < patches.size(); i++) {
            read.add(patch(meta.key() + " configPatches[" + i + "]", patches.get(i)));
        }
        return new EnvoyFilter(meta, selector, priority, read);
    }

    private static Patch patch(String name, FieldReader in) {
        ApplyTo applyTo = in.choice("applyTo", ApplyTo.class, ApplyTo.HTTP_FILTER);
        if (!in.has("applyTo")) {
            in.missing("applyTo", "what is to be changed");
        }
        PatchMatch match = PatchMatch.read(in.childOrEmpty("match"), applyTo);
        FieldReader patch = in.childOrEmpty("patch");
        in.end();
        Operation operation = patch.choice("operation", Operation.class, Operation.ADD);
        if (!patch.has("operation")) {
            patch.missing("operation", applyTo.operations().toString());
        } else if (!applyTo.operations().contains(operation)) {
            patch.problems()
                    .error(
                            patch.origin("operation"),
                            patch.path("operation"),
                            operation + " with applyTo " + applyTo + " (expected: one of " + applyTo.operations()
                                    + ")");
        }
        patch.unsupported("filterClass");
        YamlNode value = patch.node("value");
        patch.end();
        if (operation != Operation.REMOVE && value == null) {
            patch.missing("value", applyTo.prototype().getDescriptorForType().getFullName());
        }
        check(applyTo, operation, match, in);
        Message message = value == null
                ? applyTo.prototype()
                : new ProtoReader(in.problems()).read(value, patch.path("value"), applyTo.prototype());
        return new Patch(name, applyTo, match, operation, message, in.origin());
    }

    /** What Istio passes over without a word. */
    private static void check(ApplyTo applyTo, Operation operation, PatchMatch match, FieldReader in) {
        boolean selects = operation == Operation.REPLACE || operation == Operation.REMOVE;
        String name = switch (applyTo) {
            case NETWORK_FILTER -> selects && match.filter().isEmpty() ? "filter.name" : "";
            case HTTP_FILTER ->
                (selects || operation == Operation.MERGE) && match.subFilter().isEmpty() ? "filter.subFilter.name" : "";
            case LISTENER, ROUTE_CONFIGURATION, VIRTUAL_HOST, HTTP_ROUTE, CLUSTER -> "";
        };
        if (!name.isEmpty()) {
            String path = "match.listener.filterChain." + name;
            in.missing(path, "which filter, for " + operation);
        }
    }
}
