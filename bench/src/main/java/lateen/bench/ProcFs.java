package lateen.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What the kernel says of a process. */
final class ProcFs {

    /** USER_HZ of every Linux the benchmark runs on. */
    private static final long MICROS_PER_TICK = 10_000;

    private ProcFs() {}

    static long cpuMicros(long pid) {
        String stat = read(Path.of("/proc/" + pid + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * MICROS_PER_TICK;
    }

    /** A line of smaps_rollup, e.g. {@code Rss} or {@code Pss}. */
    static double megabytes(long pid, String name) {
        List<String> lines =
                read(Path.of("/proc/" + pid + "/smaps_rollup")).lines().toList();
        return lines.stream()
                .filter(line -> line.startsWith(name + ":"))
                .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no " + name + " of process " + pid));
    }

    private static String read(Path path) {
        try {
            return Files.readString(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
