package lateen.cli.demo;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import lateen.local.Distribution;
import lateen.local.MeshPlan;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * The sample as a plan: its workloads, and the YAML that travels in its jar.
 *
 * @param jar the applications
 * @param config files of YAML by name
 */
record Shop(Path jar, Map<String, String> config) {
    static final String NAMESPACE = "shop";
    static final String MAIN = "shop.Main";
    static final int HTTP_PORT = 8080;

    /** Caller before callee; the first has no application. */
    static final List<String> CHAIN = List.of("client", "frontend", "catalog", "ratings");

    static final String OUTSIDER = "outsider";

    static Shop read(Distribution distribution) throws IOException {
        Path lib = distribution.home().resolve("dist/lib");
        try (Stream<Path> jars = Files.isDirectory(lib) ? Files.list(lib) : Stream.empty()) {
            Path jar = jars.filter(path -> path.getFileName().toString().startsWith("lateen-sample-shop"))
                    .findFirst()
                    .orElseThrow(() -> new IOException(
                            lib + ": no lateen-sample-shop*.jar (expected: the built distribution; `make build`)"));
            return new Shop(jar, yaml(jar));
        }
    }

    private static Map<String, String> yaml(Path jar) throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (JarFile file = new JarFile(jar.toFile())) {
            for (var entry : file.stream().toList()) {
                if (entry.getName().startsWith("mesh/") && entry.getName().endsWith(".yaml")) {
                    try (var in = file.getInputStream(entry)) {
                        files.put(
                                entry.getName().substring("mesh/".length()),
                                new String(in.readAllBytes(), StandardCharsets.UTF_8));
                    }
                }
            }
        }
        return files;
    }

    MeshPlan plan(String run, Sabotage sabotage) throws IOException {
        Map<String, String> files = new TreeMap<>(config);
        switch (sabotage) {
            case NONE, NO_CAPTURE -> {}
            case NO_POLICY -> files.remove("policies.yaml");
            case PERMISSIVE -> files.computeIfPresent("strict.yaml", (_, text) -> text.replace("STRICT", "PERMISSIVE"));
        }
        List<MeshPlan.Workload> workloads = new ArrayList<>();
        for (String name : CHAIN) {
            MeshPlan.Workload workload = name.equals("client")
                    ? MeshPlan.Workload.member(name, NAMESPACE)
                    : MeshPlan.Workload.member(name, NAMESPACE, application(name));
            workloads.add(sabotage == Sabotage.NO_CAPTURE ? workload.uncaptured() : workload);
        }
        workloads.add(MeshPlan.Workload.outsider(OUTSIDER, NAMESPACE));
        return new MeshPlan(run, "cluster.local", files, hosts(), workloads);
    }

    MeshPlan.Application application(String name, String... more) {
        List<String> arguments = new ArrayList<>(List.of(name));
        arguments.addAll(List.of(more));
        return MeshPlan.Application.of(new MeshPlan.Program.Java(jar, MAIN, arguments), HTTP_PORT);
    }

    /** The names of each Service, with the addresses of its YAML. */
    private Map<String, List<String>> hosts() throws IOException {
        String services = config.get("services.yaml");
        if (services == null) {
            throw new IOException(jar + ": no mesh/services.yaml");
        }
        Map<String, List<String>> hosts = new LinkedHashMap<>();
        for (Object document : new Load(LoadSettings.builder().build()).loadAllFromString(services)) {
            if (document instanceof Map<?, ?> service
                    && service.get("metadata") instanceof Map<?, ?> metadata
                    && service.get("spec") instanceof Map<?, ?> spec
                    && spec.get("clusterIPs") instanceof List<?> addresses) {
                String name = String.valueOf(metadata.get("name"));
                String inNamespace = name + "." + metadata.get("namespace");
                hosts.put(
                        name + " " + inNamespace + " " + inNamespace + ".svc " + inNamespace + ".svc.cluster.local",
                        addresses.stream().map(String::valueOf).toList());
            }
        }
        return hosts;
    }
}
