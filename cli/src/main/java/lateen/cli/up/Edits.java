package lateen.cli.up;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import lateen.control.registry.AddressPool;
import lateen.control.source.Problem;
import lateen.control.source.SourceFile;
import lateen.local.LocalMesh;
import lateen.local.LocalWorkload;
import lateen.local.MeshPlan;

/**
 * Edits of the directory, carried over into the running mesh. A state that is refused changes nothing; a workload that
 * does not start leaves the others alone, and the next edit tries it again.
 *
 * <p>Owned by the directory's watch, one call after the other.
 */
final class Edits {
    private final Path directory;
    private final LocalMesh mesh;
    private final PrintStream out;
    private Description.Good last;

    Edits(Path directory, LocalMesh mesh, Description.Good first, PrintStream out) {
        this.directory = directory;
        this.mesh = mesh;
        this.last = first;
        this.out = out;
    }

    void follow(List<SourceFile> files) {
        switch (Description.of(directory, files, AddressPool.DEFAULT.remembering(last.mesh()))) {
            case Description.Bad(List<Problem> problems) -> {
                problems.forEach(problem -> out.println("  ✘ " + problem));
                out.println("  ✘ not applied; what was before stays in force");
            }
            case Description.Good next -> apply(next);
        }
        out.flush();
    }

    private void apply(Description.Good next) {
        try {
            configuration(next);
            for (LocalWorkload running : mesh.workloads()) {
                if (planned(next, running.workload().name()) == null) {
                    out.println("  - " + running.name());
                    mesh.remove(running.name());
                }
            }
            for (MeshPlan.Workload workload : next.workloads()) {
                try {
                    workload(workload);
                } catch (IOException e) {
                    out.println("  ✘ " + workload.name() + ": " + e.getMessage());
                }
            }
        } catch (IOException e) {
            out.println("  ✘ " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        last = next;
    }

    private void configuration(Description.Good next) throws IOException {
        for (Map.Entry<String, String> file : next.files().entrySet()) {
            if (!file.getValue().equals(last.files().get(file.getKey()))) {
                mesh.configure(file.getKey(), file.getValue());
                out.println("  ~ " + file.getKey());
            }
        }
        for (String name : last.files().keySet()) {
            if (!next.files().containsKey(name)) {
                mesh.unconfigure(name);
                out.println("  ~ " + name + " is gone");
            }
        }
        if (!next.hosts().equals(last.hosts())) {
            mesh.hosts(next.hosts());
        }
    }

    /** Brings the running instances to what is planned: changed ones are replaced, one after the other. */
    private void workload(MeshPlan.Workload planned) throws IOException, InterruptedException {
        List<LocalWorkload> running = mesh.workloads().stream()
                .filter(one -> one.workload().name().equals(planned.name()))
                .toList();
        int count = 0;
        for (LocalWorkload instance : running) {
            boolean same = instance.workload().withInstances(1).equals(planned.withInstances(1));
            if (count < planned.instances() && same) {
                count++;
                continue;
            }
            out.println("  - " + instance.name());
            mesh.remove(instance.name());
            if (count < planned.instances()) {
                add(planned);
                count++;
            }
        }
        for (; count < planned.instances(); count++) {
            add(planned);
        }
    }

    private void add(MeshPlan.Workload planned) throws IOException, InterruptedException {
        out.println("  + " + Words.line(mesh.add(planned)));
    }

    private static MeshPlan.@org.jspecify.annotations.Nullable Workload planned(Description.Good next, String name) {
        return next.workloads().stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElse(null);
    }
}
