package lateen.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Memory of a process, in KiB, as {@code /proc/PID/smaps_rollup} tells it.
 *
 * @param resident all pages that are in memory
 * @param proportional the same, pages shared with others counted in part
 */
public record ProcessMemory(long resident, long proportional) {

    public static ProcessMemory of(long pid) throws IOException {
        Path file = Path.of("/proc", Long.toString(pid), "smaps_rollup");
        long resident = -1;
        long proportional = -1;
        for (String line : Files.readAllLines(file)) {
            if (line.startsWith("Rss:")) {
                resident = kib(line);
            } else if (line.startsWith("Pss:")) {
                proportional = kib(line);
            }
        }
        if (resident < 0 || proportional < 0) {
            throw new IOException(file + ": no Rss and Pss (expected: both)");
        }
        return new ProcessMemory(resident, proportional);
    }

    private static long kib(String line) {
        return Long.parseLong(line.strip().split("\\s+")[1]);
    }
}
