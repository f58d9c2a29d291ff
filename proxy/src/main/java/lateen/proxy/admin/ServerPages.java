package lateen.proxy.admin;

import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.function.Supplier;

/** Pages about the process. Envoy: {@code admin.v3.ServerInfo}, {@code Memory}, {@code UnreadyTargetsDumps}. */
final class ServerPages {
    private static final Path STATUS = Path.of("/proc/self/status");

    private final AdminSource source;
    private final Supplier<Readiness> readiness;
    private final Instant started;

    ServerPages(AdminSource source, Supplier<Readiness> readiness) {
        this.source = source;
        this.readiness = readiness;
        this.started = source.clock().instant();
    }

    /** Revision, version, state of the sources, kind of build, TLS library: Envoy's five parts of a version. */
    Reply info() {
        String uptime =
                Math.max(0, Duration.between(started, source.clock().instant()).toSeconds()) + "s";
        return Reply.json(new Json()
                .open()
                .field("version", "lateen/" + source.version() + "/Clean/RELEASE/BoringSSL")
                .field("state", readiness.get().state())
                .field("uptime_current_epoch", uptime)
                .field("uptime_all_epochs", uptime)
                .open("command_line_options")
                .close()
                .open("node")
                .field("id", source.node())
                .field("user_agent_name", "lateen")
                .close()
                .close()
                .text());
    }

    /** In bytes; of the garbage-collected heap and Netty's buffers, and what the kernel counts as resident. */
    Reply memory() {
        Runtime runtime = Runtime.getRuntime();
        long buffers = Math.max(0, PlatformDependent.usedDirectMemory());
        return Reply.json(new Json()
                .open()
                .longField("allocated", runtime.totalMemory() - runtime.freeMemory() + buffers)
                .longField("heap_size", runtime.totalMemory() + buffers)
                .longField("pageheap_unmapped", runtime.maxMemory() - runtime.totalMemory())
                .longField("pageheap_free", runtime.freeMemory())
                .longField("total_thread_cache", 0)
                .longField("total_physical_bytes", resident())
                .close()
                .text());
    }

    /** 0 where the kernel does not tell. */
    private static long resident() {
        try {
            for (String line : Files.readAllLines(STATUS)) {
                if (line.startsWith("VmRSS:")) {
                    return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
                }
            }
        } catch (IOException e) {
            // Without /proc the other numbers are still worth showing.
        }
        return 0;
    }

    Reply waiting() {
        Collection<String> names = source.warming().get();
        Json json = new Json().open();
        if (!names.isEmpty()) {
            json.array("unready_targets_dumps").open().field("name", "xds").array("target_names");
            names.stream().sorted().forEach(json::element);
            json.closeArray().close().closeArray();
        }
        return Reply.json(json.close().text());
    }
}
