package lateen.local;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a process says, line by line: the newest in memory, more in a file, both bounded. One log outlives the restarts of
 * its process.
 */
public final class LineLog {
    /** Longer lines are cut, in bytes. */
    static final int MAX_LINE = 16 << 10;

    private static final Logger LOG = LoggerFactory.getLogger(LineLog.class);
    private static final int MAX_MEMORY = 1 << 20;
    private static final long MAX_FILE = 4L << 20;

    private final Path file;
    private final long maxFile;
    private final Deque<String> newest = new ArrayDeque<>(); // guarded by this
    private int remembered; // characters in newest; guarded by this
    private long count; // lines ever; guarded by this
    private long written; // bytes in file; guarded by this

    LineLog(Path file) {
        this(file, MAX_FILE);
    }

    LineLog(Path file, long maxFile) {
        this.file = file;
        this.maxFile = maxFile;
    }

    public Path file() {
        return file;
    }

    /** The newest lines, oldest first: at most about a million characters of them. */
    public synchronized List<String> lines() {
        return List.copyOf(newest);
    }

    /** Those of {@link #lines} that came after the first {@code from} ever. */
    public synchronized List<String> since(long from) {
        return newest.stream().skip(Math.max(0, from - (count - newest.size()))).toList();
    }

    /** How many lines there have ever been. */
    public synchronized long count() {
        return count;
    }

    /** The first line that matches, among those after the first {@code from} ever, now or until the time is over. */
    public synchronized Optional<String> await(long from, Predicate<String> wanted, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (true) {
            long skip = Math.max(0, from - (count - newest.size()));
            Optional<String> found = newest.stream().skip(skip).filter(wanted).findFirst();
            long left = (deadline - System.nanoTime()) / 1_000_000;
            if (found.isPresent() || left <= 0) {
                return found;
            }
            try {
                wait(left);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return found;
            }
        }
    }

    /** Reads the stream to its end on a thread of its own. */
    void follow(InputStream stream, String name) {
        Thread.ofPlatform().daemon().name("log-" + name).start(() -> {
            try (InputStream in = new BufferedInputStream(stream)) {
                ByteArrayOutputStream line = new ByteArrayOutputStream();
                for (int b = in.read(); b >= 0; b = in.read()) {
                    if (b == '\n') {
                        add(line.toString(StandardCharsets.UTF_8));
                        line.reset();
                    } else if (line.size() < MAX_LINE) {
                        line.write(b);
                    }
                }
                if (line.size() > 0) {
                    add(line.toString(StandardCharsets.UTF_8));
                }
            } catch (IOException e) {
                LOG.debug("{}: stream ended: {}", name, e.getMessage());
            }
        });
    }

    synchronized void add(String line) {
        count++;
        newest.addLast(line);
        remembered += line.length();
        while (remembered > MAX_MEMORY) {
            remembered -= newest.removeFirst().length();
        }
        notifyAll();
        byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
        try {
            if (written + bytes.length > maxFile) {
                Files.move(file, file.resolveSibling(file.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
                written = 0;
            }
            try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
                out.write(bytes);
            }
            written += bytes.length;
        } catch (IOException e) {
            LOG.debug("{}: line not written: {}", file, e.getMessage());
        }
    }

    /** The last few lines, for an error message. */
    String tail() {
        List<String> lines = lines();
        return String.join(
                "\n",
                Stream.concat(Stream.of(""), lines.subList(Math.max(0, lines.size() - 8), lines.size()).stream())
                        .toList());
    }
}
