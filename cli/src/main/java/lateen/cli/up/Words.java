package lateen.cli.up;

import java.io.PrintStream;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import lateen.control.registry.Service;
import lateen.identity.SpiffeId;
import lateen.local.LocalMesh;
import lateen.local.LocalWorkload;

/** What is printed when a mesh is up. */
final class Words {
    private Words() {}

    static void addresses(String run, LocalMesh mesh, Description.Good described, PrintStream out) {
        Collection<LocalWorkload> workloads = mesh.workloads();
        out.println();
        for (LocalWorkload workload : workloads) {
            out.println("  " + line(workload));
        }
        out.println();
        Collection<Service> services = described.mesh().services().values();
        for (Service service : services) {
            out.println(String.format(
                    "  %-28s %-15s ports %s",
                    service.name() + "." + service.namespace(),
                    service.addresses().stream()
                            .map(Object::toString)
                            .findFirst()
                            .orElse("-"),
                    service.ports().stream()
                            .map(port -> port.name() + " " + port.port())
                            .collect(Collectors.joining(", "))));
        }
        out.println();
        out.println("  Everything keeps running, and edits of the files are followed; Ctrl-C cleans up. To try:");
        commands(run, List.copyOf(workloads), List.copyOf(services)).forEach(command -> out.println("    " + command));
        out.println("  logs: " + mesh.run().seenFromOutside().resolve("logs"));
        out.flush();
    }

    static String line(LocalWorkload workload) {
        return String.format(
                "%-16s %-12s %-9s %s",
                workload.name(),
                workload.namespace().ipv4(),
                workload.namespace().ipv6(),
                workload.identity().map(SpiffeId::toString).orElse("no sidecar, no identity"));
    }

    private static List<String> commands(String run, List<LocalWorkload> workloads, List<Service> services) {
        String exec = "bin/lateen exec " + (run.equals(UpCommand.DEFAULT_RUN) ? "" : "--name " + run + " ");
        // Somebody who has no program of his own is there to call others.
        LocalWorkload from = workloads.stream()
                .filter(one -> one.applications().isEmpty() && one.sidecar().isPresent())
                .findFirst()
                .orElse(workloads.getFirst());
        String call = services.stream()
                .flatMap(service -> service.ports().stream()
                        .filter(port -> port.protocol().isHttp())
                        .map(port -> "curl -s http://" + service.name() + "." + service.namespace()
                                + (port.port() == 80 ? "" : ":" + port.port()) + "/"))
                .findFirst()
                .orElse("sh");
        return List.of(
                exec + from.name() + " -- " + call,
                exec + from.name() + " -- curl -s http://127.0.0.1:15000/config_dump");
    }
}
