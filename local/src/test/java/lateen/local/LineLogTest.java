package lateen.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LineLogTest {
    @TempDir
    Path folder;

    @Test
    void linesBeforeTheStartingPointAreNotWhatIsWaitedFor() {
        LineLog log = new LineLog(folder.resolve("a.out"));
        log.add("ready");
        long from = log.count();

        assertThat(log.await(from, "ready"::equals, Duration.ofMillis(5))).isEmpty();
        log.add("ready");
        assertThat(log.await(from, "ready"::equals, Duration.ofMillis(5))).contains("ready");
    }

    @Test
    void memoryAndFileStayBoundedAndKeepTheNewest() throws Exception {
        LineLog log = new LineLog(new NewestFile(folder.resolve("a.out"), 10_000));
        String line = "x".repeat(1_000);
        for (int i = 0; i < 3_000; i++) {
            log.add(line + i);
        }

        assertThat(log.lines().stream().mapToInt(String::length).sum()).isBetween(900_000, 1 << 20);
        assertThat(log.lines().getLast()).endsWith("x2999");
        assertThat(log.count()).isEqualTo(3_000);
        assertThat(Files.size(folder.resolve("a.out"))).isLessThanOrEqualTo(10_000);
        assertThat(Files.size(folder.resolve("a.out.1"))).isLessThanOrEqualTo(10_000);
    }

    @Test
    void anEndlessLineIsCutAndALastLineWithoutItsEndIsKept() {
        LineLog log = new LineLog(folder.resolve("a.out"));

        String said = "y".repeat(LineLog.MAX_LINE + 500) + "\nlast";
        log.follow(new ByteArrayInputStream(said.getBytes(StandardCharsets.UTF_8)), "test");

        assertThat(log.await(0, "last"::equals, Duration.ofSeconds(5))).contains("last");
        assertThat(log.lines().getFirst()).hasSize(LineLog.MAX_LINE);
    }
}
