package lateen.control.ca;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;
import lateen.identity.KeyMaterial;
import lateen.identity.Pem;
import org.jspecify.annotations.Nullable;

/**
 * Where the root is kept between starts: {@code <state>/ca/ca-key.pem} (0600) and {@code <state>/ca/ca-cert.pem}, in a
 * directory of mode 0700.
 *
 * <p>Both files appear at once, by renaming the directory that holds them: a crash leaves either no root or a whole
 * one. What others can read or replace is refused rather than repaired, because it may already have been copied.
 */
final class RootStore {
    private static final Set<PosixFilePermission> OWNER_DIRECTORY = PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> OWNER_FILE = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> OTHERS_WRITE =
            EnumSet.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);
    private static final String KEY = "ca-key.pem";
    private static final String CERTIFICATE = "ca-cert.pem";

    private final Path state;
    private final Path directory;

    RootStore(Path state) {
        this.state = state;
        this.directory = state.resolve("ca");
    }

    /**
     * The root that an earlier start kept, null if there is none.
     *
     * @throws IllegalStateException if others can read the key or replace the files, or if the files do not belong
     *     together; says what to do
     * @throws UncheckedIOException if the files cannot be read
     */
    @Nullable
    KeyMaterial load() {
        try {
            if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
                return null;
            }
            requireNone(state, OTHERS_WRITE, "go-w");
            requireNone(directory, withoutOwner(), "700");
            Path key = directory.resolve(KEY);
            requireNone(key, withoutOwner(), "600");
            return new KeyMaterial(
                    Pem.privateKey(Files.readString(key)),
                    Pem.certificates(Files.readString(directory.resolve(CERTIFICATE))));
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException(
                    "root in " + directory + " cannot be used: " + e.getMessage()
                            + " (restore " + KEY + " and " + CERTIFICATE
                            + " from a copy, or remove the directory to begin with a new root)",
                    e);
        } catch (IOException e) {
            throw new UncheckedIOException("root in " + directory + " cannot be read: " + e, e);
        }
    }

    /**
     * Keeps a new root.
     *
     * @throws IllegalStateException if others can write to the state directory
     * @throws UncheckedIOException if the files cannot be written
     */
    void save(KeyMaterial root) {
        try {
            Files.createDirectories(state, PosixFilePermissions.asFileAttribute(OWNER_DIRECTORY));
            requireNone(state, OTHERS_WRITE, "go-w");
            Path prepared = state.resolve("ca.new");
            removePrepared(prepared);
            Files.createDirectory(prepared, PosixFilePermissions.asFileAttribute(OWNER_DIRECTORY));
            write(prepared.resolve(KEY), Pem.encode(root.privateKey()));
            write(prepared.resolve(CERTIFICATE), Pem.encode(root.chain()));
            Files.move(prepared, directory, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException("root cannot be kept in " + directory + ": " + e, e);
        }
    }

    private static void write(Path file, String text) throws IOException {
        Files.createFile(file, PosixFilePermissions.asFileAttribute(OWNER_FILE));
        Files.writeString(file, text, StandardCharsets.US_ASCII, StandardOpenOption.SYNC, StandardOpenOption.WRITE);
    }

    /** What a start left behind that was killed before its rename. */
    private static void removePrepared(Path prepared) throws IOException {
        if (!Files.exists(prepared, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(prepared)) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
        Files.delete(prepared);
    }

    private static Set<PosixFilePermission> withoutOwner() {
        Set<PosixFilePermission> all = EnumSet.allOf(PosixFilePermission.class);
        all.removeAll(PosixFilePermissions.fromString("rwx------"));
        return all;
    }

    private static void requireNone(Path path, Set<PosixFilePermission> forbidden, String mode) throws IOException {
        if (Files.isSymbolicLink(path)) {
            throw new IllegalStateException(path + " is a symbolic link (expected: the file or directory itself)");
        }
        Set<PosixFilePermission> has = Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS);
        if (has.stream().anyMatch(forbidden::contains)) {
            throw new IllegalStateException(path + " has permissions " + PosixFilePermissions.toString(has)
                    + " (expected: nothing for others, so that only the owner holds the root key); if nobody else had"
                    + " access, run: chmod " + mode + " " + path);
        }
    }
}
