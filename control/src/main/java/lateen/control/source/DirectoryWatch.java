package lateen.control.source;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells when the files of a directory changed: by the kernel's notice, and by looking once a second where notices do
 * not come (network file systems, the symbolic links of a mounted ConfigMap). An editor that writes a new file and
 * renames it over the old one makes several notices in a row; only when it is quiet is the directory read.
 *
 * <p>Threading: one daemon thread, which also runs the listener.
 */
public final class DirectoryWatch implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DirectoryWatch.class);
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final Duration QUIET = Duration.ofMillis(100);
    private static final int MOST_NOTICES = 20;

    private final ConfigDirectory directory;
    private final Consumer<List<SourceFile>> listener;
    private final WatchService watcher;
    private final Thread thread;

    /** Owned by the watch's thread. */
    private List<SourceFile> last;

    /** Owned by the watch's thread; null: must be read again. */
    private @Nullable String fingerprint;

    /**
     * Starts watching.
     *
     * @param read what the caller has read already; the listener hears of the first state that differs from it
     */
    public DirectoryWatch(ConfigDirectory directory, List<SourceFile> read, Consumer<List<SourceFile>> listener)
            throws IOException {
        this.directory = directory;
        this.listener = listener;
        this.last = read;
        this.watcher = FileSystems.getDefault().newWatchService();
        directory
                .path()
                .register(
                        watcher,
                        StandardWatchEventKinds.ENTRY_CREATE,
                        StandardWatchEventKinds.ENTRY_MODIFY,
                        StandardWatchEventKinds.ENTRY_DELETE);
        this.thread = Thread.ofPlatform().daemon().name("config-watch").start(this::run);
    }

    private void run() {
        try {
            while (true) {
                if (noticed(LOOK)) {
                    fingerprint = null;
                    // Bounded, so that a file written without pause is still read now and then.
                    for (int i = 0; i < MOST_NOTICES && noticed(QUIET); i++) {}
                }
                look();
            }
        } catch (ClosedWatchServiceException | InterruptedException e) {
            LOG.debug("watching {} ends", directory.path());
        }
    }

    private boolean noticed(Duration wait) throws InterruptedException {
        WatchKey key = watcher.poll(wait.toMillis(), TimeUnit.MILLISECONDS);
        if (key == null) {
            return false;
        }
        key.pollEvents();
        key.reset();
        return true;
    }

    private void look() {
        try {
            String now = directory.fingerprint();
            if (now.equals(fingerprint)) {
                return;
            }
            List<SourceFile> files = directory.read();
            fingerprint = now;
            if (!files.equals(last)) {
                last = files;
                listener.accept(files);
            }
        } catch (IOException e) {
            // A file that went between listing and reading; the next look a second later sees the new state.
            LOG.warn(
                    "configuration in {} cannot be read, keeping what was last good: {}",
                    directory.path(),
                    e.toString());
        } catch (RuntimeException e) {
            LOG.error("configuration in {} was not taken over; this is a defect", directory.path(), e);
        }
    }

    @Override
    public void close() throws IOException {
        watcher.close();
        thread.interrupt();
    }
}
