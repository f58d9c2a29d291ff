package lateen.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;

/** The YAML files of a run, for its control plane, which watches them, and root alone: they may hold secrets. */
final class ConfigFolder {
    private final Path folder;

    ConfigFolder(RunDirectory run) throws IOException {
        this.folder = run.folder("config");
        RunDirectory.giveTo(folder, Account.CONTROL_PLANE);
    }

    Path path() {
        return folder;
    }

    /** Writes a file in one step. */
    void write(String name, String yaml) throws IOException {
        Path partial = folder.resolve("." + name + ".partial");
        Files.writeString(partial, yaml);
        Files.setPosixFilePermissions(partial, PosixFilePermissions.fromString("rw-r--r--"));
        Files.move(partial, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    void delete(String name) throws IOException {
        Files.deleteIfExists(folder.resolve(name));
    }
}
