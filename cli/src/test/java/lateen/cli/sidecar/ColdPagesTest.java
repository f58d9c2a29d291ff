package lateen.cli.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ColdPagesTest {

    @Test
    void codeAndTheReadOnlyArchiveAreLetGo() {
        assertThat(
                        ColdPages.droppable(
                                List.of(
                                        "801609000-8035a3000 r--p 01609000 08:01 1447                              /opt/lateen/dist/proxy.aot",
                                        "7f5e31e00000-7f5e32c00000 r-xp 00400000 08:01 99            /opt/lateen/dist/runtime/lib/server/libjvm.so")))
                .containsExactly(
                        new ColdPages.Mapping(0x801609000L, 0x1F9A000),
                        new ColdPages.Mapping(0x7f5e31e00000L, 0xE00000));
    }

    /** Fields of proc(5), /proc/PID/maps. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                // Written at start: the classes themselves.
                "800001000-801609000 rw-p 00001000 08:01 1447          /opt/lateen/dist/proxy.aot",
                // Read-only since its relocations were written.
                "7f5e33000000-7f5e330f0000 r--p 01600000 08:01 99      /opt/lateen/dist/runtime/lib/server/libjvm.so",
                // What the JIT made, no file has.
                "7f5e2c000000-7f5e2c270000 rwxp 00000000 00:00 0 ",
                "7ffd1b5f2000-7ffd1b5f4000 r-xp 00000000 00:00 0       [vdso]",
                "7f5e40000000-7f5e40021000 rw-p 00000000 00:00 0 "
            })
    void whatNoFileCouldBringBackIsNot(String line) {
        assertThat(ColdPages.droppable(List.of(line))).isEmpty();
    }

    @Test
    void thisVeryProcessHasSuchPages() throws Exception {
        List<String> maps = Files.readAllLines(Path.of("/proc/self/maps"));
        long code = maps.stream()
                .filter(line -> line.contains(" r-xp ") && line.contains("/libjvm.so"))
                .count();
        assertThat(code).isPositive();
        assertThat(ColdPages.droppable(maps)).hasSizeGreaterThanOrEqualTo((int) code);
    }
}
