package lateen.capture.apply;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import lateen.testing.NeedsRoot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** As an init container runs it: within the pod's namespace, as root with two capabilities, and killed for real. */
@NeedsRoot
class CommandProcessTest {
    private static final String MUCH = "-m TPROXY -i * -b * --redirect-dns --drop-invalid --dual-stack";

    @ParameterizedTest
    @CsvSource({
        "--force-iptables-binary nft, net_admin",
        "--force-iptables-binary legacy, net_raw",
        "--native-nftables, net_admin"
    })
    void two_capabilities_are_enough_and_without_them_nothing_is_written(String backEnd, String left) throws Exception {
        try (Lab lab = new Lab()) {
            String before = lab.state();
            Process refused = start(lab, "+" + (left.equals("net_raw") ? left : "net_raw"), MUCH + " " + backEnd);
            assertThat(refused.waitFor()).as("without net_admin").isEqualTo(1);
            assertThat(lab.state()).isEqualTo(before);
            Process process = start(lab, "+net_admin,+net_raw", MUCH + " " + backEnd);
            String said = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(said).isZero();
            assertThat(said).contains("rules written").doesNotContain("warning");
            assertThat(lab.state().toLowerCase(java.util.Locale.ROOT).replace('_', '-'))
                    .contains("istio-output");
        }
    }

    @ParameterizedTest
    @CsvSource({"--force-iptables-binary nft", "--force-iptables-binary legacy", "--native-nftables"})
    void killed_by_sigkill_at_any_moment_the_next_run_finishes(String backEnd) throws Exception {
        try (Lab lab = new Lab()) {
            String flags = MUCH + " " + backEnd;
            long begun = System.nanoTime();
            assertThat(start(lab, "+net_admin,+net_raw", flags).waitFor()).isZero();
            long millis = (System.nanoTime() - begun) / 1_000_000;
            String wanted = lab.state();
            for (int i = 0; i < Integer.getInteger("lateen.kills", 1); i++) {
                BackEndFlags.clean(lab);
                Process process = start(lab, "+net_admin,+net_raw", flags);
                process.waitFor(ThreadLocalRandom.current().nextLong(millis / 3, millis + 1), TimeUnit.MILLISECONDS);
                process.destroyForcibly().waitFor();
                // A child that had been started ends by itself.
                Process next = start(lab, "+net_admin,+net_raw", flags);
                String said = new String(next.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
                assertThat(next.waitFor()).as(said).isZero();
                assertThat(lab.state()).isEqualTo(wanted);
            }
        }
    }

    @Test
    void a_namespace_in_which_nothing_is_up_yet_gets_its_rules() throws Exception {
        Process process = start(List.of("unshare", "-n"), "-i * -b *");
        String said = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        assertThat(said).contains("rules written");
    }

    private static Process start(Lab lab, String capabilities, String flags) throws IOException {
        String within = "ip netns exec " + lab.pod + " setpriv --no-new-privs --inh-caps=-all --bounding-set=-all,";
        return start(List.of((within + capabilities).split(" ")), flags);
    }

    private static Process start(List<String> within, String flags) throws IOException {
        List<String> command = new ArrayList<>(within);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "-cp",
                System.getProperty("java.class.path"),
                CommandProcess.class.getName()));
        command.addAll(List.of(flags.split(" ")));
        return new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }
}
