package lateen.cli.up;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lateen.control.source.ConfigObject;
import lateen.control.source.KubeService;
import lateen.control.source.LocalWorkloadObject;
import lateen.control.source.Problems;
import lateen.local.Account;
import lateen.local.MeshPlan;

/** LocalWorkloads as parts of a plan. What only shows between objects, or in the file system, is checked here. */
final class PlannedWorkloads {
    /** As many addresses as a run has, with some left for restarts. */
    private static final int MAX_INSTANCES = 240;

    private final Path directory;
    private final List<LocalWorkloadObject> workloads;
    private final Map<String, KubeService> services = new HashMap<>();
    private final Problems problems;

    PlannedWorkloads(Path directory, List<ConfigObject> objects, Problems problems) {
        this.directory = directory;
        this.problems = problems;
        this.workloads = objects.stream()
                .filter(LocalWorkloadObject.class::isInstance)
                .map(LocalWorkloadObject.class::cast)
                .toList();
        for (ConfigObject object : objects) {
            if (object instanceof KubeService service) {
                services.put(service.meta().key(), service);
            }
        }
    }

    /** In the order of the files; to be used only when no error was added to the problems. */
    List<MeshPlan.Workload> all() {
        Map<String, LocalWorkloadObject> instances = new HashMap<>();
        List<MeshPlan.Workload> plans = new ArrayList<>();
        int count = 0;
        for (LocalWorkloadObject workload : workloads) {
            for (int number = 1; number <= Math.max(workload.instances(), 1); number++) {
                String name = workload.meta().name() + (number == 1 ? "" : "-" + number);
                LocalWorkloadObject first = instances.putIfAbsent(name, workload);
                if (first != null) {
                    refuse(
                            workload,
                            "metadata.name",
                            '"' + name + "\" is also the name of an instance of "
                                    + first.meta().key() + " (" + first.meta().origin()
                                    + "; expected: another name, whatever the namespace)");
                }
            }
            count += workload.instances();
            if (count > MAX_INSTANCES) {
                refuse(workload, "spec.instances", "more than " + MAX_INSTANCES + " in all (expected: fewer)");
            }
            plans.add(plan(workload));
        }
        return plans;
    }

    private MeshPlan.Workload plan(LocalWorkloadObject workload) {
        Path folder = directory.resolve(workload.workingDirectory()).normalize();
        List<MeshPlan.Application> applications =
                workload.command().isEmpty() ? List.of() : List.of(application(workload, folder));
        return new MeshPlan.Workload(
                workload.meta().name(),
                workload.meta().namespace(),
                workload.serviceAccount(),
                labels(workload),
                workload.instances(),
                workload.sidecar(),
                workload.sidecar(),
                Optional.empty(),
                applications);
    }

    /** The Service's selector, under the workload's own; {@code app} is its name where neither says so. */
    private Map<String, String> labels(LocalWorkloadObject workload) {
        Map<String, String> labels = new HashMap<>();
        labels.put("app", workload.meta().name());
        String name = workload.service();
        if (name != null) {
            KubeService service = services.get(workload.meta().namespace() + "/" + name);
            if (service == null) {
                refuse(
                        workload,
                        "spec.service",
                        '"' + name + "\": no such Service in namespace "
                                + workload.meta().namespace() + " (expected: one in these files, or leave it out)");
            } else {
                labels.putAll(service.selector());
                contradictions(workload, service);
            }
        }
        labels.putAll(workload.meta().labels());
        return labels;
    }

    private void contradictions(LocalWorkloadObject workload, KubeService service) {
        service.selector().forEach((key, value) -> {
            String own = workload.meta().labels().get(key);
            if (own != null && !own.equals(value)) {
                refuse(
                        workload,
                        "metadata.labels." + key,
                        '"' + own + "\", but Service " + service.meta().name() + " selects \"" + value
                                + "\" (expected: the same, or no spec.service)");
            }
        });
    }

    private MeshPlan.Application application(LocalWorkloadObject workload, Path folder) {
        if (!Files.isDirectory(folder)) {
            refuse(workload, "spec.workingDirectory", '"' + folder.toString() + "\" is not a directory");
        }
        String program = workload.command().getFirst();
        if (program.contains("/") && !Files.isExecutable(folder.resolve(program))) {
            refuse(
                    workload,
                    "spec.command",
                    '"' + program + "\": " + folder.resolve(program).normalize()
                            + (Files.exists(folder.resolve(program)) ? " is not executable" : " does not exist")
                            + " (expected: a program, seen from the working directory, or one in PATH)");
        }
        return new MeshPlan.Application(
                new MeshPlan.Program.Command(workload.command()),
                workload.ports(),
                new Account(workload.user(), workload.user()),
                workload.environment(),
                Optional.of(folder));
    }

    private void refuse(LocalWorkloadObject workload, String path, String text) {
        problems.error(workload.meta().at(path), path, text);
    }
}
