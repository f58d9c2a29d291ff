package lateen.control.source;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A program that {@code lateen up} runs as a member of the mesh: kind {@code LocalWorkload} of {@code
 * local.lateen.dev/v1alpha1}, Lateen's own. The control plane reads and checks it with everything else of a directory, and
 * makes nothing of it: it hears of the instances by their WorkloadEntries.
 *
 * @param service a Service of the same namespace, whose selector's labels it gets; null: none
 * @param instances 0..{@value #MAX_INSTANCES}
 * @param command program and arguments; empty: nothing runs, but commands can be run in its place
 * @param user uid and gid, 0..65534
 * @param workingDirectory relative to the directory of the file
 * @param ports it is ready when each accepts connections
 * @param sidecar false: it is outside of the mesh, without rules
 */
public record LocalWorkloadObject(
        ObjectMeta meta,
        @Nullable String service,
        String serviceAccount,
        int instances,
        List<String> command,
        int user,
        Map<String, String> environment,
        String workingDirectory,
        List<Integer> ports,
        boolean sidecar)
        implements ConfigObject {

    public static final int MAX_INSTANCES = 100;

    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?");
    private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
    private static final Pattern LABEL = Pattern.compile("[-A-Za-z0-9_./]*");

    public LocalWorkloadObject {
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
        ports = List.copyOf(ports);
    }

    @Override
    public String kind() {
        return "LocalWorkload";
    }

    static LocalWorkloadObject read(ObjectMeta meta, FieldReader object) {
        FieldReader spec = object.childOrEmpty("spec");
        check(meta, object.problems());
        Map<String, String> environment = spec.textMap("environment");
        environment.keySet().stream()
                .filter(name -> !VARIABLE.matcher(name).matches())
                .forEach(name -> spec.problems()
                        .error(
                                meta.at("spec.environment." + name),
                                "spec.environment",
                                '"' + name + "\" (expected: letters, digits and '_', no digit first)"));
        LocalWorkloadObject workload = new LocalWorkloadObject(
                meta,
                spec.text("service", TextRule.LABEL_NAME),
                spec.text("serviceAccount", TextRule.OBJECT_NAME, "default"),
                spec.integer("instances", 0, MAX_INSTANCES, 1),
                spec.texts("command", TextRule.NOT_EMPTY),
                spec.integer("user", 0, 65534, 1000),
                environment,
                spec.text("workingDirectory", TextRule.NOT_EMPTY, "."),
                spec.integers("ports", 1, 65535),
                spec.flag("sidecar", true));
        spec.end();
        return workload;
    }

    private static void check(ObjectMeta meta, Problems problems) {
        // It is part of a network namespace's name.
        if (!meta.name().isEmpty() && !NAME.matcher(meta.name()).matches()) {
            problems.error(
                    meta.at("metadata.name"),
                    "metadata.name",
                    '"' + meta.name() + "\" (expected: up to 40 lower-case letters, digits and '-')");
        }
        meta.labels().forEach((key, value) -> {
            if (!LABEL.matcher(key).matches() || !LABEL.matcher(value).matches()) {
                String path = "metadata.labels." + key;
                problems.error(
                        meta.at(path), path, '"' + value + "\" (expected: letters, digits, '-', '_', '.' and '/')");
            }
        });
        meta.annotations().keySet().forEach(key -> {
            String path = "metadata.annotations." + key;
            problems.error(meta.at(path), path, "has no effect here (expected: leave it out)");
        });
    }
}
