package lateen.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * A process that cannot be mistaken for a later one with the same id.
 *
 * @param started clock ticks between boot and its start: field 22 of {@code /proc/PID/stat}
 */
record ProcessStamp(long pid, long started) {

    static ProcessStamp own() throws IOException {
        long pid = ProcessHandle.current().pid();
        return new ProcessStamp(
                pid, started(pid).orElseThrow(() -> new IOException("/proc/" + pid + "/stat: missing")));
    }

    static OptionalLong started(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            // The name (field 2) may hold spaces and parentheses; everything after the last one is numbers.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            boolean gone = fields[0].equals("Z") || fields[0].equals("X");
            return gone ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(fields[19]));
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    boolean alive() {
        OptionalLong now = started(pid);
        return now.isPresent() && now.getAsLong() == started;
    }

    /** Kills it, if it is still the same process. */
    void kill() {
        if (alive()) {
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    static ProcessStamp parse(String text) {
        String[] words = text.strip().split(" ");
        return new ProcessStamp(Long.parseLong(words[0]), Long.parseLong(words[1]));
    }

    @Override
    public String toString() {
        return pid + " " + started;
    }
}
