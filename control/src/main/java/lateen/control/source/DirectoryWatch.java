package lateen.control.source;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells when the files of a directory changed: by the kernel's notice, and by looking once a second where notices do
 * not come (network file systems). Saving makes several notices in a row – an editor's temporary file, a rename, the
 * parts of a longer write – so the directory is read only when it has been quiet for {@link #QUIET}, which is short
 * enough that a change is served within a third of a second. Where links lead to (a mounted ConfigMap consists of them)
 * is watched too.
 *
 * <p>Threading: one daemon thread, which also runs the listener.
 */
public final class DirectoryWatch implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DirectoryWatch.class);
    private static final Duration LOOK = Duration.ofSeconds(1);
    static final Duration QUIET = Duration.ofMillis(60);
    private static final int MOST_NOTICES = 20;

    private final ConfigDirectory directory;
    private final Consumer<List<SourceFile>> listener;
    private final WatchService watcher;
    private final Thread thread;

    /** Owned by the watch's thread, as all below. */
    private final Map<Path, WatchKey> watched = new HashMap<>();

    private List<SourceFile> last;

    /** Null: must be read again. */
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
        watch();
        this.thread = Thread.ofPlatform().daemon().name("config-watch").start(this::run);
    }

    private void run() {
        try {
            // What changed between the caller's reading and the start of the watch made no notice.
            look();
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
            watch();
            String now = directory.fingerprint();
            if (now.equals(fingerprint)) {
                return;
            }
            List<SourceFile> files = directory.read();
            if (!directory.fingerprint().equals(now)) {
                // Written while it was read: there is a notice of it, or the next look sees it.
                return;
            }
            fingerprint = now;
            if (!files.equals(last)) {
                last = files;
                listener.accept(files);
            }
        } catch (IOException e) {
            // A file that went between listing and reading; the next look sees the new state.
            LOG.warn(
                    "configuration in {} cannot be read, keeping what was last good: {}",
                    directory.path(),
                    e.toString());
        } catch (RuntimeException e) {
            LOG.error("configuration in {} was not taken over; this is a defect", directory.path(), e);
        }
    }

    /** The places where a change can happen, as links lead now. */
    private void watch() throws IOException {
        Set<Path> places = directory.places();
        watched.entrySet().removeIf(e -> {
            boolean gone = !places.contains(e.getKey()) || !e.getValue().isValid();
            if (gone) {
                e.getValue().cancel();
            }
            return gone;
        });
        for (Path place : places) {
            if (!watched.containsKey(place)) {
                WatchKey key = place.register(
                        watcher,
                        StandardWatchEventKinds.ENTRY_CREATE,
                        StandardWatchEventKinds.ENTRY_MODIFY,
                        StandardWatchEventKinds.ENTRY_DELETE);
                watched.put(place, key);
            }
        }
    }

    @Override
    public void close() throws IOException {
        watcher.close();
        thread.interrupt();
    }
}
