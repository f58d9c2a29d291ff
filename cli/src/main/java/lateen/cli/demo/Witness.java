package lateen.cli.demo;

import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import lateen.local.LineLog;
import lateen.local.LocalMesh;
import lateen.local.Supervised;

/**
 * What the mesh's processes have written since this was made. Log lines of one request are complete a moment after its
 * answer, so each question waits for its line.
 */
final class Witness {
    private static final Duration LIMIT = Duration.ofSeconds(3);

    private final LocalMesh mesh;
    private final Map<LineLog, Long> from = new LinkedHashMap<>();

    Witness(LocalMesh mesh) {
        this.mesh = mesh;
        mesh.workloads().forEach(workload -> {
            workload.sidecar().map(Supervised::out).ifPresent(log -> from.put(log, log.count()));
            workload.application().map(Supervised::out).ifPresent(log -> from.put(log, log.count()));
        });
    }

    /** The access-log line of a workload's sidecar. */
    Optional<LogEntry> sidecar(String workload, Predicate<LogEntry> wanted) {
        return mesh.workload(workload).sidecar().flatMap(process -> find(process.out(), wanted, LIMIT));
    }

    /** Whether the sidecar has written such a line; asked without waiting. */
    boolean sidecarNow(String workload, Predicate<LogEntry> wanted) {
        return mesh.workload(workload)
                .sidecar()
                .flatMap(process -> find(process.out(), wanted, Duration.ZERO))
                .isPresent();
    }

    /** The line of a workload's application. */
    Optional<LogEntry> application(String workload, Predicate<LogEntry> wanted) {
        return mesh.workload(workload).application().flatMap(process -> find(process.out(), wanted, LIMIT));
    }

    /** How many requests the application has served over HTTP, as its own log says. */
    long served(String workload) {
        return served(workload, _ -> true);
    }

    long served(String workload, Predicate<LogEntry> wanted) {
        return mesh.workload(workload).application().map(Supervised::out).stream()
                .flatMap(log -> log.since(from.getOrDefault(log, 0L)).stream())
                .flatMap(line -> LogEntry.parse(line).stream())
                .filter(line -> line.of("protocol").equals("http"))
                .filter(wanted)
                .count();
    }

    /** Whether the application has served nothing that matches; asked when the call is over, so without waiting. */
    boolean applicationSawNothing(String workload, Predicate<LogEntry> unwanted) {
        return mesh.workload(workload)
                .application()
                .flatMap(process -> find(process.out(), unwanted, Duration.ZERO))
                .isEmpty();
    }

    private Optional<LogEntry> find(LineLog log, Predicate<LogEntry> wanted, Duration limit) {
        return log.await(
                        from.getOrDefault(log, 0L),
                        line -> LogEntry.parse(line).filter(wanted).isPresent(),
                        limit)
                .flatMap(LogEntry::parse);
    }

    /** Packets that the kernel has redirected to a port in a workload's namespace, both families. */
    static long redirected(LocalMesh mesh, String workload, int port) throws IOException {
        String namespace = mesh.workload(workload).namespace().name();
        long packets = 0;
        for (String program : List.of("iptables-save", "ip6tables-save")) {
            packets += PacketCounters.redirectedTo(port, Kernel.read(namespace, program, "-c", "-t", "nat"));
        }
        return packets;
    }
}
