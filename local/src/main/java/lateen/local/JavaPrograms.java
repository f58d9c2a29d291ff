package lateen.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The command lines of the mesh's programs. Flags are named one by one: the JVM's own defaults differ between machines. */
final class JavaPrograms {
    static final int DISCOVERY_PORT = 15012;

    private static final List<String> COMMON = List.of(
            "-XX:+UseSerialGC",
            "-Xss256k",
            "-XX:-UsePerfData",
            "-Dio.netty.jfr.enabled=false",
            "-XX:+ExitOnOutOfMemoryError",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow");

    private final StagedRuntime runtime;
    private final Distribution distribution;
    private final String trained;
    private final String sidecarPath;
    private final String fullPath;

    /** @param trained the workload whose sidecar, with the control plane, writes a start-up archive when it ends; or empty */
    JavaPrograms(StagedRuntime runtime, Distribution distribution, String trained) throws IOException {
        this.runtime = runtime;
        this.distribution = distribution;
        this.trained = trained;
        this.sidecarPath = runtime.classPath(distribution.classPath("sidecar"));
        this.fullPath = runtime.classPath(distribution.classPath("full"));
    }

    List<String> controlPlane(Path config, Path state, Duration leafLifetime, Namespace namespace, Path temporary)
            throws IOException {
        List<String> command = java(temporary, "-Xmx160m", "-XX:ReservedCodeCacheSize=64m");
        archive("full", !trained.isEmpty(), temporary, command);
        command.addAll(List.of("-cp", fullPath, "lateen.cli.Main", "discovery"));
        command.addAll(List.of("--config", config.toString(), "--state", state.toString()));
        command.addAll(List.of("--address", namespace.ipv4(), "--grants", "-"));
        command.addAll(List.of("--leaf-lifetime", leafLifetime.toString()));
        return command;
    }

    List<String> sidecar(Instance instance, Path temporary) throws IOException {
        List<String> command = java(
                temporary,
                "-Xms16m",
                "-Xmx64m",
                "-Xmn6m",
                "-XX:MinHeapFreeRatio=10",
                "-XX:MaxHeapFreeRatio=20",
                "-XX:ReservedCodeCacheSize=32m",
                "-XX:TrimNativeHeapInterval=3000",
                // An archive mapped where it was made for stays one copy in memory for all sidecars of a machine.
                "-XX:+UnlockDiagnosticVMOptions",
                "-XX:ArchiveRelocationMode=0");
        archive("sidecar", instance.name().equals(trained), temporary, command);
        command.addAll(List.of("-cp", sidecarPath, "lateen.cli.SidecarMain", "proxy", "sidecar"));
        Optional<Path> envoy = instance.workload().envoy();
        if (envoy.isPresent()) {
            synchronized (runtime) {
                command.addAll(
                        List.of("--envoy", runtime.stageProgram(envoy.get()).toString()));
            }
        }
        return command;
    }

    private void archive(String name, boolean training, Path temporary, List<String> command) throws IOException {
        Path made = distribution.archive(name);
        if (training) {
            command.add("-XX:AOTCacheOutput=" + temporary.resolve(name + ".aot"));
        } else if (Files.exists(made)) {
            // Several workloads start at once.
            synchronized (runtime) {
                command.add("-XX:AOTCache=" + runtime.stage(made));
            }
        }
    }

    static Map<String, String> sidecarEnvironment(Instance instance, String trustDomain, Namespace controlPlane) {
        MeshPlan.Workload workload = instance.workload();
        Namespace namespace = instance.namespace();
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("MALLOC_ARENA_MAX", "1");
        if (UserMap.here().single()) {
            environment.put("LATEEN_UPSTREAM_MARK", Integer.toString(CaptureRules.MARK));
        }
        environment.put("POD_NAME", instance.name());
        environment.put("POD_NAMESPACE", workload.namespace());
        environment.put("INSTANCE_IP", namespace.ipv4());
        environment.put("INSTANCE_IPS", namespace.ipv4() + "," + namespace.ipv6());
        environment.put("SERVICE_ACCOUNT", workload.serviceAccount());
        environment.put("TRUST_DOMAIN", trustDomain);
        environment.put("CA_ADDR", controlPlane.ipv4() + ":" + DISCOVERY_PORT);
        environment.put("ISTIO_METAJSON_LABELS", WorkloadEntries.labelsJson(workload.labels()));
        environment.put("ISTIO_META_CLUSTER_ID", "Kubernetes");
        environment.put("ISTIO_META_WORKLOAD_NAME", workload.name());
        environment.put("ISTIO_META_MESH_ID", trustDomain);
        environment.put("ISTIO_META_INTERCEPTION_MODE", "REDIRECT");
        return environment;
    }

    List<String> application(MeshPlan.Program program, Path temporary) throws IOException {
        return switch (program) {
            case MeshPlan.Program.Command(List<String> words) -> words;
            case MeshPlan.Program.Staged(Path file, List<String> arguments) -> staged(file, arguments);
            case MeshPlan.Program.Lateen(List<String> arguments) -> lateen(arguments, temporary);
            case MeshPlan.Program.Java(Path jar, String mainClass, List<String> arguments) ->
                application(jar, mainClass, arguments, temporary);
        };
    }

    private List<String> staged(Path file, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>();
        synchronized (runtime) {
            command.add(runtime.stageProgram(file).toString());
        }
        command.addAll(arguments);
        return command;
    }

    private List<String> lateen(List<String> arguments, Path temporary) throws IOException {
        List<String> command = java(temporary, "-Xmx64m", "-XX:ReservedCodeCacheSize=48m");
        archive("full", false, temporary, command);
        command.addAll(List.of("-cp", fullPath, "lateen.cli.Main"));
        command.addAll(arguments);
        return command;
    }

    /** What {@code java} is to applications. */
    Path javaFolder() throws IOException {
        return runtime.applications();
    }

    List<String> application(Path jar, String mainClass, List<String> arguments, Path temporary) throws IOException {
        List<String> command = java(temporary, "-Xmx48m", "-XX:ReservedCodeCacheSize=32m", "-XX:TieredStopAtLevel=1");
        command.addAll(List.of("-cp", runtime.classPath(List.of(jar)), mainClass));
        command.addAll(arguments);
        return command;
    }

    private List<String> java(Path temporary, String... flags) {
        List<String> command = new ArrayList<>();
        command.add(runtime.java().toString());
        command.addAll(COMMON);
        command.addAll(List.of(flags));
        command.add("-Djava.io.tmpdir=" + temporary);
        command.add("-XX:ErrorFile=" + temporary.resolve("hs_err.log"));
        return command;
    }
}
