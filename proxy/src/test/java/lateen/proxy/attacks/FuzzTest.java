package lateen.proxy.attacks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import lateen.proxy.grpc.AnswerFuzz;
import lateen.proxy.http1.RequestFuzz;
import lateen.proxy.http1.ResponseFuzz;
import lateen.proxy.http2.ClientFuzz;
import lateen.proxy.http2.HpackFuzz;
import lateen.proxy.http2.ServerFuzz;
import lateen.proxy.listener.InspectionFuzz;
import lateen.proxy.proxyprotocol.HeaderFuzz;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each codec and inspector under Jazzer, guided by coverage, from seeds: 5,000 runs here, {@code -Dlateen.fuzz=600}
 * seconds in the long form. In a process of its own, since Jazzer instruments all that it loads.
 */
class FuzzTest {
    /** 0: as many runs as make a short form. */
    private static final int SECONDS = Integer.getInteger("lateen.fuzz", 0);

    @TempDir
    Path dir;

    @SuppressWarnings("unchecked")
    private Path seeds(Class<?> target) throws Exception {
        Path folder = Files.createDirectory(dir.resolve("seeds"));
        List<byte[]> seeds = (List<byte[]>) target.getMethod("seeds").invoke(null);
        for (int i = 0; i < seeds.size(); i++) {
            Files.write(folder.resolve("seed" + i), seeds.get(i));
        }
        if (target == RequestFuzz.class) {
            int n = 0;
            for (Row row : Row.table("http1-smuggling.txt").toList()) {
                if (row.sent().length() < 2000) {
                    Files.writeString(folder.resolve("row" + n++), (char) 7 + row.sent(), StandardCharsets.ISO_8859_1);
                }
            }
        }
        return folder;
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                RequestFuzz.class,
                ResponseFuzz.class,
                ServerFuzz.class,
                ClientFuzz.class,
                HpackFuzz.class,
                HeaderFuzz.class,
                InspectionFuzz.class,
                AnswerFuzz.class
            })
    void nothingIsFound(Class<?> target) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        // Its life is short.
                        SECONDS > 0 ? "-XX:+UseSerialGC" : "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:+EnableDynamicAgentLoading",
                        "-Dio.netty.leakDetection.level=disabled",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        "com.code_intelligence.jazzer.Jazzer",
                        "--target_class=" + target.getName(),
                        "--instrumentation_includes=lateen.proxy.**",
                        // Its own searches are for injections that have no place here.
                        "--custom_hook_excludes=**",
                        "--reproducer_path=" + dir,
                        "-artifact_prefix=" + dir + "/",
                        SECONDS > 0 ? "-max_total_time=" + SECONDS : "-runs=5000",
                        "-timeout=10",
                        seeds(target).toString())
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("report").toFile())
                .start();
        if (!process.waitFor(120L + SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
        String report = Files.readString(dir.resolve("report"));
        assertThat(process.exitValue()).as(report).isZero();
        assertThat(report).contains("INFO: Instrumented " + target.getName()).containsPattern("Done [0-9]{3,} runs");
    }
}
