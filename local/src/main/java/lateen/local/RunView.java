package lateen.local;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lateen.identity.SpiffeId;

/**
 * What another process can see of a run that is up: its hosts, from the list that the run keeps in its folder, and their
 * sidecars' metrics, by entering their network namespaces, which takes the rights of the one who started the run. Blocks.
 */
public final class RunView {
    private static final String FILE = "hosts";
    private static final int METRICS_PORT = 15090;
    private static final Duration LIMIT = Duration.ofSeconds(2);
    private static final int MAX_METRICS_BYTES = 32 << 20;

    private final String run;
    private final Path file;

    /**
     * One instance of a workload, or plain host.
     *
     * @param service what it is an instance of, and which version, as Istio's canonical names say; version empty: none
     * @param namespace Kubernetes' kind of namespace
     * @param identity empty: not a member of the mesh, without a sidecar
     */
    public record Host(
            String name,
            String service,
            String version,
            String namespace,
            Namespace network,
            Optional<SpiffeId> identity) {

        static Host of(Instance instance, Optional<SpiffeId> identity) {
            MeshPlan.Workload workload = instance.workload();
            return new Host(
                    instance.name(),
                    workload.labels().getOrDefault("app", workload.name()),
                    workload.labels().getOrDefault("version", ""),
                    workload.namespace(),
                    instance.namespace(),
                    identity);
        }

        private String line() {
            return String.join(
                    " ",
                    name,
                    service,
                    version.isEmpty() ? "-" : version,
                    namespace,
                    network.name(),
                    network.ipv4(),
                    network.ipv6(),
                    identity.map(SpiffeId::toString).orElse("-"));
        }

        private static Host parse(String line) throws IOException {
            String[] words = line.split(" ", -1);
            if (words.length != 8) {
                throw new IOException("'" + line + "' (expected: eight words)");
            }
            return new Host(
                    words[0],
                    words[1],
                    words[2].equals("-") ? "" : words[2],
                    words[3],
                    new Namespace(words[4], words[5], words[6]),
                    words[7].equals("-") ? Optional.empty() : Optional.of(SpiffeId.parse(words[7])));
        }
    }

    private RunView(String run, Path file) {
        this.run = run;
        this.file = file;
    }

    /**
     * @param run its name
     * @throws IOException when there is no such run
     */
    public static RunView of(Path root, String run) throws IOException {
        Path file = root.resolve(run).resolve(FILE);
        if (!Files.exists(file)) {
            throw new IOException("run \"" + run + "\": not there (expected: one of " + runs(root) + ", as listed in "
                    + root + "; `lateen demo` and `lateen up` start one)");
        }
        return new RunView(run, file);
    }

    private static List<String> runs(Path root) throws IOException {
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        try (var entries = Files.list(root)) {
            return entries.filter(entry -> Files.exists(entry.resolve(FILE)))
                    .map(entry -> entry.getFileName().toString())
                    .sorted()
                    .toList();
        }
    }

    /** Writes a host down for those who look. */
    static synchronized void add(RunDirectory run, Host host) throws IOException {
        Files.writeString(
                run.path().resolve(FILE),
                host.line() + "\n",
                StandardCharsets.UTF_8,
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }

    public String run() {
        return run;
    }

    /** Those whose network namespace is there, in the order in which they came up; one of a used name replaces the former. */
    public List<Host> hosts() throws IOException {
        Map<String, Host> hosts = new LinkedHashMap<>();
        for (String line : Files.readAllLines(file)) {
            Host host = Host.parse(line);
            hosts.put(host.name(), host);
        }
        List<Host> there = new ArrayList<>(hosts.values());
        there.removeIf(host -> !Files.exists(Namespace.file(host.network().name())));
        return there;
    }

    /**
     * The metrics of a member's sidecar, Prometheus' text.
     *
     * @throws IOException in plain words, when it does not answer within two seconds
     */
    public String metrics(Host host) throws IOException {
        return InNamespace.call(host.network(), LIMIT.plusSeconds(1), RunView::fetch);
    }

    /** On a thread inside the namespace. The connection is closed at once: one kept would be reused in another namespace. */
    private static String fetch() throws IOException {
        URI url = URI.create("http://127.0.0.1:" + METRICS_PORT + "/stats/prometheus");
        HttpURLConnection connection = (HttpURLConnection) url.toURL().openConnection(Proxy.NO_PROXY);
        connection.setRequestProperty("Connection", "close");
        connection.setConnectTimeout((int) LIMIT.toMillis());
        connection.setReadTimeout((int) LIMIT.toMillis());
        int status = connection.getResponseCode();
        if (status != 200) {
            throw new IOException("status " + status);
        }
        try (InputStream in = connection.getInputStream()) {
            byte[] bytes = in.readNBytes(MAX_METRICS_BYTES + 1);
            if (bytes.length > MAX_METRICS_BYTES) {
                throw new IOException("metrics longer than " + MAX_METRICS_BYTES + " bytes");
            }
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }
}
