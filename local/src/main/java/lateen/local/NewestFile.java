package lateen.local;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file of lines that keeps the newest: when it is full it is renamed to {@code NAME.1}, in place of the one before. Lines
 * that cannot be written are lost, which is said once, and in the file itself as soon as it can be written again. Not safe
 * for use by several threads.
 */
final class NewestFile {
    private static final Logger LOG = LoggerFactory.getLogger(NewestFile.class);
    private static final long MAX = 4L << 20;

    private final Path file;
    private final long max;
    private long size; // as far as we have written it
    private long lost; // lines since the last one that was written

    NewestFile(Path file) {
        this(file, MAX);
    }

    /** @param max bytes in each of the two files */
    NewestFile(Path file, long max) {
        this.file = file;
        this.max = max;
    }

    void append(String line) {
        // What was lost may have ended in the midst of a line.
        String gap = lost > 0 ? "\n(lines that could not be written here: " + lost + ")\n" : "";
        byte[] bytes = (gap + line + "\n").getBytes(StandardCharsets.UTF_8);
        try {
            if (size + bytes.length > max) {
                Files.move(file, file.resolveSibling(file.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
                size = 0;
            }
            try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
                out.write(bytes);
            }
            size += bytes.length;
            if (lost > 0) {
                LOG.info("{}: is written again; lines lost: {}", file, lost);
                lost = 0;
            }
        } catch (IOException e) {
            if (lost == 0) {
                LOG.warn(
                        "{}: lines are lost, as they cannot be written: {} (expected: a writable folder with room)",
                        file,
                        e.toString());
            }
            lost++;
            size = found();
        }
    }

    /** Others may have taken the file away, and what could not be written whole may be there in part. */
    private long found() {
        try {
            return Files.size(file);
        } catch (IOException e) {
            return 0;
        }
    }
}
