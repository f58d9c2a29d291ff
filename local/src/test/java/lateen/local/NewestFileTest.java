package lateen.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import lateen.testing.NeedsRoot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NewestFileTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    @TempDir
    Path folder;

    @Test
    @NeedsRoot
    void afterAFullDiskTheGapIsSaidAndWhatComesNextIsWritten() throws Exception {
        run("mount", "-t", "tmpfs", "-o", "size=64k", "none", folder.toString());
        try {
            Path path = folder.resolve("a.out");
            NewestFile file = new NewestFile(path);
            Path ballast = folder.resolve("ballast");
            Files.write(ballast, new byte[48 << 10]);
            String line = "x".repeat(1_000);
            for (int i = 0; i < 30; i++) {
                file.append(line + i);
            }
            List<String> before = Files.readAllLines(path);
            assertThat(before).hasSizeBetween(1, 20);
            Files.delete(ballast);

            file.append("there is room again");
            file.append("and on");

            List<String> lines = Files.readAllLines(path);
            int whole = (int)
                    lines.stream().filter(each -> each.matches("x{1000}\\d+")).count();
            assertThat(lines.reversed().subList(0, 3))
                    .containsExactly(
                            "and on",
                            "there is room again",
                            "(lines that could not be written here: " + (30 - whole) + ")");
        } finally {
            run("umount", folder.toString());
        }
    }

    @Test
    void aFileThatSomebodyTookAwayBeginsAnew() throws Exception {
        Path path = folder.resolve("a.out");
        NewestFile file = new NewestFile(path, 100);
        file.append("y".repeat(90));
        Files.delete(path);

        file.append("lost, as there is nothing to rename");
        file.append("new");

        assertThat(Files.readAllLines(path)).containsExactly("", "(lines that could not be written here: 1)", "new");
    }

    private static void run(String... command) throws IOException {
        Command.Result result = Command.run(LIMIT, "", List.of(command));
        assertThat(result.exit()).as(result.err()).isZero();
    }
}
