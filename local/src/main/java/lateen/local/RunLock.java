package lateen.local;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Held while runs are listed, begun or removed: by one thread of one process at a time. The lock's file goes away with the
 * last run, so whoever gets the lock looks whether the file is still the one that others would open.
 */
final class RunLock implements AutoCloseable {
    /** POSIX locks belong to a process; between threads this one decides. */
    private static final ReentrantLock THREADS = new ReentrantLock();

    private final Path root;
    private final FileChannel channel;

    private RunLock(Path root, FileChannel channel) {
        this.root = root;
        this.channel = channel;
    }

    static RunLock take(Path root) throws IOException {
        THREADS.lock();
        try {
            while (true) {
                Files.createDirectories(root);
                Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
                RunLock lock = tryOnce(root);
                if (lock != null) {
                    return lock;
                }
            }
        } catch (IOException | RuntimeException e) {
            THREADS.unlock();
            throw e;
        }
    }

    @SuppressWarnings("resource") // the channel's life is the lock's
    private static @org.jspecify.annotations.Nullable RunLock tryOnce(Path root) throws IOException {
        Path file = root.resolve("lock");
        FileChannel channel;
        try {
            channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (NoSuchFileException e) {
            return null;
        }
        try {
            FileLock held = channel.lock();
            if (held.isValid() && Files.exists(file) && sameFile(file)) {
                return new RunLock(root, channel);
            }
        } catch (NoSuchFileException e) {
            // removed by the last run's end between opening and locking
        }
        channel.close();
        return null;
    }

    /** The open file has a name as long as its link count is not zero; its process-side view is /proc/self/fd. */
    private static boolean sameFile(Path file) throws IOException {
        Object key = Files.getAttribute(file, "unix:ino");
        try (var open = Files.list(Path.of("/proc/self/fd"))) {
            return open.anyMatch(fd -> {
                try {
                    return Files.getAttribute(fd, "unix:ino").equals(key)
                            && Files.readSymbolicLink(fd).equals(file);
                } catch (IOException e) {
                    return false;
                }
            });
        }
    }

    @Override
    public void close() throws IOException {
        try (channel) {
            try (var entries = Files.list(root)) {
                if (entries.allMatch(entry -> entry.getFileName().toString().equals("lock"))) {
                    Files.deleteIfExists(root.resolve("lock"));
                    Removal.deleteIfEmpty(root);
                }
            }
        } finally {
            THREADS.unlock();
        }
    }
}
