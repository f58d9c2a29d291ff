package lateen.local;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Working directories of applications where their users can read them: as they are, or, of a folder closed to them (below
 * somebody's home, for example), a copy that only that user can reach. A copy is made anew for each start of a process.
 * Links are not copied: whoever may not read what they point at must not get it so. Safe for use by several threads.
 */
final class StagedFolders {
    private static final long MAX_BYTES = 64 << 20;
    private static final int MAX_FILES = 5_000;

    private final RunDirectory run;
    private final Map<Copy, Path> copies = new HashMap<>(); // guarded by this

    private record Copy(Path folder, Account user) {}

    StagedFolders(RunDirectory run) {
        this.run = run;
    }

    /** @throws IOException when there is too much to copy, saying what to do instead */
    synchronized Path readable(Path folder, Account user) throws IOException {
        if (mayRead(folder, user)) {
            return folder;
        }
        Copy key = new Copy(folder, user);
        Path copy = copies.get(key);
        if (copy == null) {
            copy = run.privateFolder("files-" + copies.size(), user);
            copies.put(key, copy);
        }
        copy(folder, copy, user);
        return copy;
    }

    /** The kernel's own answer, access control lists included. */
    private static boolean mayRead(Path folder, Account user) throws IOException {
        List<String> question =
                List.of("find", folder.toString(), "-maxdepth", "1", "!", "-readable", "-print", "-quit");
        Command.Result answer = Command.run(Duration.ofSeconds(10), "", user.become(question));
        return answer.exit() == 0 && answer.out().isBlank();
    }

    private static void copy(Path from, Path to, Account user) throws IOException {
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            private long bytes;
            private int files;

            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) throws IOException {
                if (!folder.equals(from) && folder.getFileName().toString().startsWith(".")) {
                    return FileVisitResult.SKIP_SUBTREE;
                }
                if (!folder.equals(from)) {
                    RunDirectory.openToOthers(Files.createDirectories(to.resolve(from.relativize(folder))));
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (!attributes.isRegularFile()) {
                    return FileVisitResult.CONTINUE;
                }
                bytes += attributes.size();
                if (bytes > MAX_BYTES || ++files > MAX_FILES) {
                    throw new IOException(from + ": uid " + user.uid() + " cannot read it, and it is too much to copy"
                            + " (expected: at most " + MAX_FILES + " files and " + (MAX_BYTES >> 20)
                            + " MiB; make it readable, or name a smaller workingDirectory)");
                }
                Path copy = to.resolve(from.relativize(file));
                Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
                Files.setPosixFilePermissions(
                        copy, PosixFilePermissions.fromString(Files.isExecutable(file) ? "rwxr-xr-x" : "rw-r--r--"));
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
