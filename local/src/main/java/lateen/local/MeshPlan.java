package lateen.local;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import lateen.identity.SpiffeId;

/**
 * What a mesh on this machine consists of.
 *
 * @param run the run's name: {@code demo} has the short namespace names
 * @param trustDomain of all identities
 * @param leafLifetime of a workload's certificate, at most
 * @param config files of YAML by name ({@code services.yaml}); the workloads' own are added
 * @param hosts a name, or several with spaces between → addresses, for the workloads' hosts files
 * @param workloads in the order of their addresses
 */
public record MeshPlan(
        String run,
        String trustDomain,
        Duration leafLifetime,
        Map<String, String> config,
        Map<String, List<String>> hosts,
        List<Workload> workloads) {

    /** Most instances of one workload. */
    public static final int MAX_INSTANCES = 100;

    /** As long as Istio's. */
    public static final Duration LEAF_LIFETIME = Duration.ofHours(24);

    public MeshPlan {
        config = Map.copyOf(config);
        hosts = Collections.unmodifiableMap(new LinkedHashMap<>(hosts));
        workloads = List.copyOf(workloads);
    }

    /** The same with an Envoy as the proxy of those workloads' sidecars. */
    public MeshPlan withEnvoy(Path binary, Predicate<Workload> where) {
        List<Workload> changed = workloads.stream()
                .map(each -> where.test(each) ? each.withEnvoy(binary) : each)
                .toList();
        return new MeshPlan(run, trustDomain, leafLifetime, config, hosts, changed);
    }

    /**
     * Instances of one kind, each in a network namespace of its own. The first has the workload's name, the others
     * {@code name-2}, {@code name-3} and so on.
     *
     * @param name 1–40 of a–z, 0–9 and -
     * @param namespace in the sense of Kubernetes
     * @param labels by which Services and policies select it
     * @param instances to begin with, 0 to {@link #MAX_INSTANCES}
     * @param capture whether rules are written
     * @param sidecar whether it has a sidecar and an identity of the mesh
     * @param envoy the Envoy that is its sidecar's proxy; empty: Lateen's own
     * @param applications what runs there all the time; empty: nothing
     */
    public record Workload(
            String name,
            String namespace,
            String serviceAccount,
            Map<String, String> labels,
            int instances,
            boolean capture,
            boolean sidecar,
            Optional<Path> envoy,
            List<Application> applications) {

        private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?");
        /** Kubernetes' label syntax, without its lengths: what may stand unescaped in YAML and JSON. */
        private static final Pattern LABEL = Pattern.compile("[-A-Za-z0-9_./]*");

        public Workload {
            require(NAME.matcher(name).matches(), "name", name, "1-40 of a-z, 0-9 and -");
            require(
                    instances >= 0 && instances <= MAX_INSTANCES,
                    "instances",
                    Integer.toString(instances),
                    "0.." + MAX_INSTANCES);
            labels.forEach((key, value) -> require(
                    LABEL.matcher(key).matches() && LABEL.matcher(value).matches(),
                    "label",
                    key + "=" + value,
                    "letters, digits, '-', '_', '.' and '/'"));
            labels = Map.copyOf(labels);
            applications = List.copyOf(applications);
        }

        private static void require(boolean condition, String what, String value, String expected) {
            if (!condition) {
                throw new IllegalArgumentException(
                        "workload: " + what + ": \"" + value + "\" (expected: " + expected + ")");
            }
        }

        /** One instance of a member of the mesh; its label {@code app} and its service account are its name. */
        public static Workload member(String name, String namespace, Application... applications) {
            return new Workload(
                    name, namespace, name, Map.of("app", name), 1, true, true, Optional.empty(), List.of(applications));
        }

        /** Somebody without sidecar and rules. */
        public static Workload outsider(String name, String namespace, Application... applications) {
            return new Workload(
                    name,
                    namespace,
                    name,
                    Map.of("app", name),
                    1,
                    false,
                    false,
                    Optional.empty(),
                    List.of(applications));
        }

        public Workload uncaptured() {
            return new Workload(
                    name, namespace, serviceAccount, labels, instances, false, sidecar, envoy, applications);
        }

        public Workload withServiceAccount(String account) {
            return new Workload(name, namespace, account, labels, instances, capture, sidecar, envoy, applications);
        }

        /** Adds a label, or replaces one. */
        public Workload withLabel(String key, String value) {
            Map<String, String> all = new HashMap<>(labels);
            all.put(key, value);
            return new Workload(name, namespace, serviceAccount, all, instances, capture, sidecar, envoy, applications);
        }

        public Workload withInstances(int count) {
            return new Workload(name, namespace, serviceAccount, labels, count, capture, sidecar, envoy, applications);
        }

        public Workload withEnvoy(Path binary) {
            Optional<Path> proxy = Optional.of(binary);
            return new Workload(
                    name, namespace, serviceAccount, labels, instances, capture, sidecar, proxy, applications);
        }

        /** The name of an instance, counted from 1. */
        String instance(int number) {
            return number == 1 ? name : name + "-" + number;
        }

        SpiffeId identity(String trustDomain) {
            return new SpiffeId(trustDomain, namespace, serviceAccount);
        }
    }

    /**
     * One process of each instance of a workload.
     *
     * @param ports it is ready when each of these accepts connections on loopback; empty: as soon as it is started
     * @param environment beside PATH (with the mesh's own Java first), LANG and HOME
     * @param workingDirectory empty: a folder of its own that is removed with it
     */
    public record Application(
            Program program,
            List<Integer> ports,
            Account user,
            Map<String, String> environment,
            Optional<Path> workingDirectory) {

        public Application {
            ports = List.copyOf(ports);
            environment = Map.copyOf(environment);
        }

        /** As {@link Account#APPLICATION}. */
        public static Application of(Program program, Integer... ports) {
            return new Application(program, List.of(ports), Account.APPLICATION, Map.of(), Optional.empty());
        }
    }

    /** What a process runs. */
    public sealed interface Program {

        /**
         * Any program.
         *
         * @param words its path, or its name to be looked for in PATH, and its arguments; at least one
         */
        record Command(List<String> words) implements Program {
            public Command {
                words = List.copyOf(words);
                if (words.isEmpty()) {
                    throw new IllegalArgumentException("command: empty (expected: a program and its arguments)");
                }
            }
        }

        /**
         * A program that the other users of this machine may not be able to reach: it is copied to where they may run it.
         *
         * @param file a regular file that needs nothing beside it
         */
        record Staged(Path file, List<String> arguments) implements Program {
            public Staged {
                arguments = List.copyOf(arguments);
            }
        }

        /** The {@code lateen} command itself. */
        record Lateen(List<String> arguments) implements Program {
            public Lateen {
                arguments = List.copyOf(arguments);
            }
        }

        /** A class of a jar, on the Java runtime of the mesh. The jar is copied to where every user can read it. */
        record Java(Path jar, String mainClass, List<String> arguments) implements Program {
            public Java {
                arguments = List.copyOf(arguments);
            }
        }
    }
}
