package lateen.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code /run/lateen/<run>}: who supervises a run, what it has created (written down before it is made), and its files.
 * Files that other users run are world-readable; secrets are never put here.
 *
 * <p>{@link #open} first removes runs whose supervisor has died; a run whose supervisor lives is never touched.
 */
public final class RunDirectory implements AutoCloseable {
    /** Where all runs are. */
    public static final Path ROOT = Path.of("/run/lateen");

    private static final Logger LOG = LoggerFactory.getLogger(RunDirectory.class);
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?");

    private final Path root;
    private final String run;
    private final Path path;
    private final Path scratch;

    private RunDirectory(Path root, String run, Path path, Path scratch) {
        this.root = root;
        this.run = run;
        this.path = path;
        this.scratch = scratch;
    }

    /**
     * Begins a run.
     *
     * @param run 1–32 of a–z, 0–9 and -
     * @throws IOException when a live run has this name, or leftovers of a dead one cannot be removed
     */
    public static RunDirectory open(Path root, String run) throws IOException {
        if (!NAME.matcher(run).matches()) {
            throw new IllegalArgumentException("run: \"" + run + "\" (expected: 1-32 of a-z, 0-9 and -)");
        }
        try (RunLock _ = RunLock.take(root)) {
            removeDead(root);
            Path path = root.resolve(run);
            if (Files.exists(path)) {
                throw new IOException("run \"" + run + "\" is alive: process "
                        + supervisor(path).pid() + " supervises it (stop that one, or choose another name)");
            }
            Path staging = Files.createDirectory(root.resolve(".new-" + run));
            Path scratch = Files.createTempDirectory(scratchRoot(), "lateen-" + run + "-");
            openToOthers(staging);
            openToOthers(scratch);
            Files.writeString(staging.resolve("supervisor"), ProcessStamp.own() + "\n");
            Files.writeString(staging.resolve("created"), new Created.Folder(scratch).line() + "\n");
            // One step makes it a run: a crash before leaves a folder that names nobody.
            Files.move(staging, path);
            return new RunDirectory(root, run, path, scratch);
        }
    }

    /**
     * Libraries are loaded from here. The machine's /run may be mounted noexec; that of a user namespace is its own, and all
     * in it goes with it.
     */
    private static Path scratchRoot() {
        return Path.of(UserMap.here().nested() ? "/run" : "/tmp");
    }

    public String run() {
        return run;
    }

    public Path path() {
        return path;
    }

    /** {@link #path} as others of the machine see it, who are not in this process' mount namespace. */
    public Path seenFromOutside() {
        return UserMap.here().nested()
                ? Path.of("/proc", Long.toString(ProcessHandle.current().pid()), "root" + path)
                : path;
    }

    /** A folder on a file system from which programs may be run; removed with the run. */
    Path scratch() {
        return scratch;
    }

    /** A new folder, readable by all users. */
    Path folder(String name) throws IOException {
        Path folder = Files.createDirectories(path.resolve(name));
        openToOthers(folder);
        return folder;
    }

    /** A new folder in scratch that only {@code owner} can use. */
    Path privateFolder(String name, Account owner) throws IOException {
        Path folder = Files.createDirectories(scratch.resolve(name));
        giveTo(folder, owner);
        return folder;
    }

    /** From now on only {@code owner} can use the folder. */
    static void giveTo(Path folder, Account owner) throws IOException {
        Files.setAttribute(folder, "unix:uid", owner.here().uid());
        Files.setAttribute(folder, "unix:gid", owner.here().gid());
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    }

    /** Takes it away again. */
    void deletePrivateFolder(String name) throws IOException {
        Removal.deleteTree(scratch.resolve(name));
    }

    /** Writes down what is about to be created. */
    synchronized void created(Created what) throws IOException {
        Files.writeString(
                path.resolve("created"), what.line() + "\n", StandardCharsets.UTF_8, StandardOpenOption.APPEND);
    }

    static void openToOthers(Path folder) throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static ProcessStamp supervisor(Path path) throws IOException {
        return ProcessStamp.parse(Files.readString(path.resolve("supervisor")));
    }

    private static void removeDead(Path root) throws IOException {
        List<Path> runs;
        try (var entries = Files.list(root)) {
            runs = entries.filter(Files::isDirectory).toList();
        }
        for (Path dead : runs) {
            boolean begun = Files.exists(dead.resolve("supervisor"))
                    && !dead.getFileName().toString().startsWith(".");
            if (!begun) {
                Removal.deleteTree(dead);
            } else if (!supervisor(dead).alive()) {
                LOG.info("removing what run {} left behind", dead.getFileName());
                remove(dead);
            }
        }
    }

    private static void remove(Path path) throws IOException {
        List<Created> created = new ArrayList<>();
        for (String line : Files.readAllLines(path.resolve("created"))) {
            // The last line may be cut short by the crash; what it names was not made yet.
            try {
                created.add(Created.parse(line));
            } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
                LOG.warn("{}: line left out: {}", path.resolve("created"), e.getMessage());
            }
        }
        List<String> left = Removal.of(created);
        if (!left.isEmpty()) {
            throw new IOException("run " + path.getFileName() + ": could not remove " + String.join("; ", left));
        }
        Removal.deleteTree(path);
    }

    /** Kills and removes everything that was written down, then the folder. A second call does nothing. */
    @Override
    public void close() throws IOException {
        try (RunLock _ = RunLock.take(root)) {
            if (Files.exists(path)) {
                remove(path);
            }
        }
    }
}
