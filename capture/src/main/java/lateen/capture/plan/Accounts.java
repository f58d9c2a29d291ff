package lateen.capture.plan;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import lateen.capture.model.Numbers;

/** Names of users and groups → ids. Rules hold numbers only, because that is what the kernel lists. */
public interface Accounts {
    /** The id of a user; empty when unknown. */
    OptionalLong uid(String user);

    /** The id of a group; empty when unknown. */
    OptionalLong gid(String group);

    /** The accounts of the files {@code passwd} and {@code group}; a missing file holds nobody. */
    static Accounts ofFiles(Path passwd, Path group) {
        return new Accounts() {
            @Override
            public OptionalLong uid(String user) {
                return find(passwd, user);
            }

            @Override
            public OptionalLong gid(String name) {
                return find(group, name);
            }
        };
    }

    /** The accounts of this system's files. */
    static Accounts ofSystem() {
        return ofFiles(Path.of("/etc/passwd"), Path.of("/etc/group"));
    }

    private static OptionalLong find(Path file, String name) {
        try (var lines = Files.lines(file, StandardCharsets.ISO_8859_1)) {
            return lines.limit(100_000)
                    .map(line -> line.split(":", 4))
                    .filter(fields -> fields.length > 2 && fields[0].equals(name))
                    .mapToLong(fields -> Numbers.parseLong(fields[2], 0, 0xFFFF_FFFEL))
                    .filter(id -> id >= 0)
                    .findFirst();
        } catch (IOException | java.io.UncheckedIOException e) {
            return OptionalLong.empty();
        }
    }
}
