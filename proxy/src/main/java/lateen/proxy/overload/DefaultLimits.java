package lateen.proxy.overload;

import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import lateen.decision.config.OverloadConfig;
import lateen.decision.config.OverloadConfig.Action;
import lateen.decision.config.OverloadConfig.Kind;
import lateen.decision.config.OverloadConfig.Monitor;
import lateen.decision.config.OverloadConfig.Trigger;

/** What holds where nothing is configured: made of the memory and the descriptors that this process may have. */
public final class DefaultLimits {
    private static final Path LIMITS = Path.of("/proc/self/limits");

    /** Of heap for a client's idle connection and one to a host, with a reserve for what they do at times. */
    private static final long BYTES_PER_CONNECTION = 10 * 1024;
    /** Descriptors that are no connections of clients or to hosts. */
    private static final long RESERVED = 256;

    private static final String MEMORY = "envoy.resource_monitors.fixed_heap";
    private static final String CONNECTIONS = "envoy.resource_monitors.global_downstream_max_connections";

    private DefaultLimits() {}

    public static OverloadConfig ofThisProcess() {
        long heap = Runtime.getRuntime().maxMemory();
        return of(heap + Math.max(0, PlatformDependent.maxDirectMemory()), connections());
    }

    /** Open connections of clients that this process has memory and descriptors for. */
    static long connections() {
        return connections(Runtime.getRuntime().maxMemory(), descriptors());
    }

    /** @param descriptors that the process may have open */
    static long connections(long heap, long descriptors) {
        return Math.max(64, Math.min(heap / BYTES_PER_CONNECTION, (descriptors - RESERVED) / 2));
    }

    private static OverloadConfig of(long memory, long connections) {
        return new OverloadConfig(
                Duration.ofMillis(250),
                List.of(new Monitor.Memory(MEMORY, memory), new Monitor.Connections(CONNECTIONS, connections)),
                List.of(
                        action(Kind.DISABLE_HTTP_KEEPALIVE, 0.8),
                        action(Kind.STOP_ACCEPTING_REQUESTS, 0.9),
                        action(Kind.REJECT_INCOMING_CONNECTIONS, 0.95)));
    }

    private static Action action(Kind kind, double from) {
        return new Action(kind, List.of(new Trigger.Threshold(MEMORY, from)));
    }

    /** Linux: {@code RLIMIT_NOFILE}, which the JVM raises to the hard limit at its start. */
    private static long descriptors() {
        try {
            for (String line : Files.readAllLines(LIMITS)) {
                if (line.startsWith("Max open files")) {
                    String[] words = line.split("  +");
                    return words[1].equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(words[1]);
                }
            }
        } catch (IOException e) {
            // Without /proc the memory alone is the limit.
        }
        return Long.MAX_VALUE;
    }
}
