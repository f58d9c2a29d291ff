package lateen.proxy.accesslog;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where lines go: stdout, stderr or a file that is appended to. Log thread only, but for {@link #reopen}. */
final class LogTarget {

    private static final Logger LOG = LoggerFactory.getLogger(LogTarget.class);
    private static final int BUFFER = 32 * 1024;

    private final String path;
    private final byte[] buffer = new byte[BUFFER];
    private int used;
    private @Nullable OutputStream out;
    private boolean failing;
    private volatile boolean reopen;
    private final LongAdder lostLines = new LongAdder();
    private int lines;

    LogTarget(String path) {
        this.path = path;
    }

    /** Any thread: the file is opened anew before the next line (after it was moved away by a rotation). */
    void reopen() {
        reopen = true;
    }

    /** Lines that could not be written. */
    long lostLines() {
        return lostLines.sum();
    }

    void write(LogBuffer line) {
        if (used + line.length() > BUFFER) {
            flush();
        }
        lines++;
        if (line.length() > BUFFER) {
            put(line.array(), line.length());
            return;
        }
        System.arraycopy(line.array(), 0, buffer, used, line.length());
        used += line.length();
    }

    void flush() {
        if (used > 0) {
            put(buffer, used);
            used = 0;
        }
    }

    private void put(byte[] bytes, int length) {
        try {
            open().write(bytes, 0, length);
            failing = false;
        } catch (IOException e) {
            lostLines.add(lines);
            close();
            if (!failing) {
                // Once, not for every line: the reason is most often a full disk or a closed pipe.
                LOG.warn("access log {}: {} line(s) lost: {}; trying on with the next", path, lines, e.getMessage());
                failing = true;
            }
        }
        lines = 0;
    }

    private OutputStream open() throws IOException {
        if (reopen) {
            reopen = false;
            close();
        }
        OutputStream current = out;
        if (current == null) {
            current = switch (path) {
                case "/dev/stdout" -> new FileOutputStream(FileDescriptor.out);
                case "/dev/stderr" -> new FileOutputStream(FileDescriptor.err);
                default -> new FileOutputStream(path, true);
            };
            out = current;
        }
        return current;
    }

    void close() {
        OutputStream current = out;
        out = null;
        if (current != null && !path.equals("/dev/stdout") && !path.equals("/dev/stderr")) {
            try {
                current.close();
            } catch (IOException e) {
                LOG.debug("access log {}: closing: {}", path, e.getMessage());
            }
        }
    }
}
