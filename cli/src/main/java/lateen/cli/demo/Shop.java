package lateen.cli.demo;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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
 * @param chapters files that the demonstration adds while it runs, by name
 */
record Shop(Path jar, Map<String, String> config, Map<String, String> chapters) {
    static final String NAMESPACE = "shop";
    static final String MAIN = "shop.Main";
    static final int HTTP_PORT = 8080;
    /** Where an instance is told to be slow or to fail; loopback. */
    static final int TROUBLE_PORT = 8081;

    /** Caller before callee; the first has no application. */
    static final List<String> CHAIN = List.of("client", "frontend", "catalog", "ratings");

    static final String OUTSIDER = "outsider";

    /** Where OPA and its ext_authz server run, without a sidecar. */
    static final String AUTHZ = "authz";

    static final String OPA = "http://127.0.0.1:8181";
    private static final int OPA_PORT = 8181;
    private static final int AUTHZ_PORT = 9191;

    static Shop read(Distribution distribution) throws IOException {
        Path lib = distribution.home().resolve("dist/lib");
        try (Stream<Path> jars = Files.isDirectory(lib) ? Files.list(lib) : Stream.empty()) {
            Path jar = jars.filter(path -> path.getFileName().toString().startsWith("lateen-sample-shop"))
                    .findFirst()
                    .orElseThrow(() -> new IOException(
                            lib + ": no lateen-sample-shop*.jar (expected: the built distribution; `make build`)"));
            return new Shop(jar, files(jar, "mesh/"), files(jar, "chapters/"));
        }
    }

    private static Map<String, String> files(Path jar, String folder) throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (JarFile file = new JarFile(jar.toFile())) {
            for (var entry : file.stream().toList()) {
                if (entry.getName().startsWith(folder) && !entry.isDirectory()) {
                    try (var in = file.getInputStream(entry)) {
                        files.put(
                                entry.getName().substring(folder.length()),
                                new String(in.readAllBytes(), StandardCharsets.UTF_8));
                    }
                }
            }
        }
        return files;
    }

    /** @param opa the program; empty: nobody decides, and nobody is asked */
    MeshPlan plan(String run, Sabotage sabotage, Optional<Path> opa) throws IOException {
        Map<String, String> files = new TreeMap<>(config);
        switch (sabotage) {
            case NONE, NO_CAPTURE -> {}
            case NO_POLICY -> files.remove("policies.yaml");
            case PERMISSIVE -> files.computeIfPresent("strict.yaml", (_, text) -> text.replace("STRICT", "PERMISSIVE"));
        }
        List<MeshPlan.Workload> workloads = new ArrayList<>(List.of(
                MeshPlan.Workload.member("client", NAMESPACE),
                member("frontend"),
                member("catalog", "--version", "v1").withLabel("version", "v1"),
                MeshPlan.Workload.member("catalog-v2", NAMESPACE, application("catalog", "--version", "v2"))
                        .withServiceAccount("catalog")
                        .withLabel("app", "catalog")
                        .withLabel("version", "v2"),
                ratings()));
        if (sabotage == Sabotage.NO_CAPTURE) {
            workloads.replaceAll(MeshPlan.Workload::uncaptured);
        }
        workloads.add(MeshPlan.Workload.outsider(OUTSIDER, NAMESPACE));
        opa.ifPresent(program -> workloads.add(authz(program)));
        return new MeshPlan(run, "cluster.local", RenewalStep.LIFETIME, files, hosts(), workloads);
    }

    private static MeshPlan.Workload authz(Path opa) {
        return MeshPlan.Workload.outsider(
                AUTHZ,
                NAMESPACE,
                MeshPlan.Application.of(
                        new MeshPlan.Program.Staged(
                                opa,
                                List.of("run", "--server", "--disable-telemetry", "--addr", "127.0.0.1:" + OPA_PORT)),
                        OPA_PORT),
                MeshPlan.Application.of(
                        new MeshPlan.Program.Lateen(List.of("authz", "serve", "--opa", OPA)), AUTHZ_PORT));
    }

    /** One instance of ratings; more can be added. */
    MeshPlan.Workload ratings() {
        return member("ratings");
    }

    private MeshPlan.Workload member(String name, String... more) {
        return MeshPlan.Workload.member(name, NAMESPACE, application(name, more));
    }

    MeshPlan.Application application(String name, String... more) {
        List<String> arguments = new ArrayList<>(List.of(name, "--trouble", Integer.toString(TROUBLE_PORT)));
        arguments.addAll(List.of(more));
        return MeshPlan.Application.of(new MeshPlan.Program.Java(jar, MAIN, arguments), HTTP_PORT);
    }

    /** A file of the mesh's configuration as it is at the start. */
    String file(String name) {
        return Objects.requireNonNull(config.get(name), name);
    }

    /** A file that a step adds. */
    String chapter(String name) {
        return Objects.requireNonNull(chapters.get(name), name);
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
