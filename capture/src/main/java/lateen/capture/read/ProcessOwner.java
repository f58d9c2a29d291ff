package lateen.capture.read;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import lateen.capture.model.Numbers;

/**
 * The user and group that the kernel writes on sockets of a process: those for files (proc_pid_status(5)).
 *
 * @param uid 0..2^32-1
 * @param gid 0..2^32-1
 */
public record ProcessOwner(long uid, long gid) {
    /** @throws IOException when there is no such process */
    public static ProcessOwner of(long pid) throws IOException {
        String status;
        try {
            status = Files.readString(Path.of("/proc", Long.toString(pid), "status"), StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            throw new IOException("--pid: \"" + pid + "\" (expected: the id of a running process)", e);
        }
        return new ProcessOwner(id(status, "Uid:"), id(status, "Gid:"));
    }

    private static long id(String status, String name) throws IOException {
        for (String line : status.lines().toList()) {
            String[] words = line.split("\\s+");
            if (words.length == 5 && words[0].equals(name)) {
                return Numbers.parseLong(words[4], 0, 0xFFFF_FFFFL);
            }
        }
        throw new IOException("status of a process without a line " + name);
    }
}
