package lateen.local;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
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

    private final NewestFile file; // guarded by this
    private final Deque<String> newest = new ArrayDeque<>(); // guarded by this
    private int remembered; // characters in newest; guarded by this
    private long count; // lines ever; guarded by this

    LineLog(Path file) {
        this(new NewestFile(file));
    }

    LineLog(NewestFile file) {
        this.file = file;
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
        long seen = from;
        while (true) {
            long skip = Math.max(0, seen - (count - newest.size()));
            Optional<String> found = newest.stream().skip(skip).filter(wanted).findFirst();
            seen = Math.max(seen, count);
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
        file.append(line);
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
