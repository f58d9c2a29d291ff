package lateen.cli.up;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import lateen.control.registry.AddressPool;
import lateen.control.registry.ConfigLoad;
import lateen.control.registry.MeshSettings;
import lateen.control.registry.MeshSnapshot;
import lateen.control.registry.Service;
import lateen.control.source.ConfigDocument;
import lateen.control.source.ConfigObject;
import lateen.control.source.Problem;
import lateen.control.source.Problems;
import lateen.control.source.SourceFile;
import lateen.local.MeshPlan;

/** What the files of a directory describe, checked by the control plane's own code: all of it, or the reasons why not. */
sealed interface Description {
    String TRUST_DOMAIN = "cluster.local";

    /**
     * @param files text by name, for the control plane
     * @param mesh as the control plane sees it, the workloads of this run left out
     */
    record Good(Map<String, String> files, List<MeshPlan.Workload> workloads, MeshSnapshot mesh)
            implements Description {

        /** Every name of a Service → its addresses. A short name that two namespaces have is nobody's. */
        Map<String, List<String>> hosts() {
            Map<String, Long> shortNames = mesh.services().values().stream()
                    .collect(Collectors.groupingBy(Service::name, Collectors.counting()));
            Map<String, List<String>> hosts = new LinkedHashMap<>();
            for (Service service : mesh.services().values()) {
                String inNamespace = service.name() + "." + service.namespace();
                String unique = shortNames.getOrDefault(service.name(), 0L) == 1 ? service.name() + " " : "";
                hosts.put(
                        unique + inNamespace + " " + inNamespace + ".svc " + service.host(),
                        service.addresses().stream().map(Object::toString).toList());
            }
            return hosts;
        }
    }

    /** @param problems never empty */
    record Bad(List<Problem> problems) implements Description {}

    /** @param pool remembers the addresses of Services that were there before */
    static Description of(Path directory, List<SourceFile> files, AddressPool pool) {
        ConfigLoad load = ConfigLoad.of(files, MeshSettings.defaults(TRUST_DOMAIN), pool, List.of());
        if (!load.errors().isEmpty()) {
            return new Bad(load.errors());
        }
        Problems problems = new Problems();
        List<ConfigObject> objects = load.inForce().stream()
                .map(ConfigDocument::object)
                .filter(Objects::nonNull)
                .toList();
        List<MeshPlan.Workload> workloads = new PlannedWorkloads(directory, objects, problems).all();
        return problems.hasErrors() ? new Bad(problems.errors()) : new Good(texts(files), workloads, load.snapshot());
    }

    private static Map<String, String> texts(List<SourceFile> files) {
        Map<String, String> texts = new TreeMap<>();
        files.forEach(file -> texts.put(file.name(), new String(file.content(), StandardCharsets.UTF_8)));
        return texts;
    }
}
