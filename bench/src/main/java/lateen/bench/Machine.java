package lateen.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Where things are, and which core is whose.
 *
 * @param envoy its binary
 * @param work certificates are there already; configurations and logs come there
 * @param project holds {@code bin/lateen} and {@code bench/config}
 */
record Machine(Path envoy, Path work, Path project) {

    static final int PROXY_CORE = 0;
    /** Generator and backend. */
    static final int LOAD_CORE = 1;

    static List<String> pinned(int core, List<String> command) {
        List<String> pinned = new ArrayList<>(List.of("taskset", "-c", Integer.toString(core)));
        pinned.addAll(command);
        return pinned;
    }

    List<String> lateen(Path config) {
        return List.of(
                project.resolve("bin/lateen").toString(), "proxy", "-c", config.toString(), "--concurrency", "1");
    }

    List<String> envoy(Path config) {
        return List.of(
                envoy.toString(),
                "-c",
                config.toString(),
                "--concurrency",
                "1",
                "--disable-hot-restart",
                "-l",
                "error");
    }

    List<String> haproxy(Path config) {
        return List.of("haproxy", "-db", "-q", "-f", config.toString());
    }

    /** Fills a template of bench/config; {@code @DIR@} is always the work folder. */
    Path config(String template, String name, Map<String, ?> values) {
        try {
            String text = Files.readString(project.resolve("bench/config").resolve(template))
                    .replace("@DIR@", work.toString());
            for (Map.Entry<String, ?> value : values.entrySet()) {
                text = text.replace("@" + value.getKey() + "@", value.getValue().toString());
            }
            return Files.writeString(work.resolve(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + name + " from bench/config/" + template, e);
        }
    }

    Path log(String name) {
        return work.resolve(name + ".out");
    }

    /** A TCP port of the loopback address that is free at this moment. */
    static int freePort() {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException("no free port", e);
        }
    }
}
