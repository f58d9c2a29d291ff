package lateen.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunDirectoryTest {
    private static final String NOBODY = "1 0\n"; // process 1 lives, but was not started at tick 0

    @TempDir
    Path folder;

    @Test
    void aDeadRunIsRemovedWithWhatItWroteDownEvenWhenItsLastLineWasCutShort() throws Exception {
        Path root = folder.resolve("runs");
        Path file =
                Files.writeString(Files.createDirectory(folder.resolve("made")).resolve("file"), "x");
        RunDirectory dead = RunDirectory.open(root, "dead");
        dead.created(new Created.Folder(file.getParent()));
        Files.writeString(root.resolve("dead/created"), "netn", StandardOpenOption.APPEND);
        Files.writeString(root.resolve("dead/supervisor"), NOBODY);

        try (RunDirectory next = RunDirectory.open(root, "next")) {
            assertThat(next.path()).isDirectory();
            assertThat(root.resolve("dead")).doesNotExist();
            assertThat(file.getParent()).doesNotExist();
            assertThat(dead.scratch()).doesNotExist();
        }
        assertThat(root).doesNotExist();
    }

    @Test
    void aRunOfALivingSupervisorIsKeptAndItsNameRefused() throws Exception {
        Path root = folder.resolve("runs");
        try (RunDirectory first = RunDirectory.open(root, "one")) {
            assertThatThrownBy(() -> RunDirectory.open(root, "one")).hasMessageContaining("is alive: process");
            assertThat(first.path().resolve("supervisor")).exists();
            assertThat(first.scratch()).isDirectory();
        }
    }

    @Test
    void aFolderSharedWithOthersIsOnlyRemovedWhenEmpty() throws Exception {
        Path shared = Files.createDirectory(folder.resolve("shared"));
        Path theirs = Files.writeString(shared.resolve("theirs"), "x");

        assertThat(Removal.of(List.of(new Created.SharedFolder(shared)))).isEmpty();
        assertThat(theirs).exists();
        Files.delete(theirs);
        assertThat(Removal.of(List.of(new Created.SharedFolder(shared)))).isEmpty();
        assertThat(shared).doesNotExist();
    }

    @Test
    void namesThatCouldLeaveTheFolderAreRefused() {
        for (String name : List.of("", "../x", "A", "-a", "a/b", "a".repeat(33))) {
            assertThatThrownBy(() -> RunDirectory.open(folder, name)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void everyKindOfThingIsReadBackFromItsJournalLine() {
        for (Created one : List.of(
                new Created.NetworkNamespace("lateen-mesh"),
                new Created.Child(new ProcessStamp(17, 4711)),
                new Created.Folder(Path.of("/tmp/with space")),
                new Created.SharedFolder(Path.of("/etc/netns")))) {
            assertThat(Created.parse(one.line())).isEqualTo(one);
        }
    }
}
