package lateen.capture.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import lateen.capture.host.TwoHosts;
import lateen.testing.NeedsRoot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code capture watch} on real packets, alone, beside another one, and killed. */
@NeedsRoot
class WatchCommandTest {
    private TwoHosts hosts;

    @BeforeEach
    void build() throws IOException {
        hosts = new TwoHosts();
        assertThat(command("istio-iptables", "-u", "1337", "-i", "*", "-b", "*", "--network-namespace=" + hosts.pod))
                .startsWith("0 ");
        hosts.listen(hosts.pod, false, 15001);
    }

    @AfterEach
    void remove() throws IOException {
        hosts.close();
    }

    private static String command(String... words) {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
        List<String> rest = List.of(words).subList(1, words.length);
        int status = words[0].equals("capture")
                ? CaptureCommand.run(rest, Map.of(), out, out)
                : IstioIptablesCommand.run(rest, Map.of(), out, out);
        return status + " " + said.toString(StandardCharsets.UTF_8);
    }

    private String watchWhileCalling() throws InterruptedException {
        AtomicBoolean done = new AtomicBoolean();
        Thread calls = Thread.ofPlatform().start(() -> {
            while (!done.get()) {
                try {
                    hosts.call(hosts.pod, 1000, 1000, List.of(TwoHosts.PEER4 + "|80|", TwoHosts.PEER4 + "|81|"));
                } catch (IOException e) {
                    return;
                }
            }
        });
        String said = command("capture", "watch", "--netns", hosts.pod, "--port", "80", "--seconds", "2");
        done.set(true);
        calls.join();
        return said;
    }

    private String tables() throws IOException {
        return hosts.inPod("nft list tables");
    }

    @Test
    void it_counts_and_traces_what_matches_and_leaves_nothing() throws Exception {
        String said = watchWhileCalling();
        assertThat(said)
                .startsWith("0 watching " + hosts.pod + " for 2 s: tcp flags & (syn | ack) == syn tcp dport 80")
                .containsPattern("\\+\\d+  iptables -t nat ISTIO_REDIRECT: -p tcp -j REDIRECT --to-ports 15001")
                .containsPattern("  trace id \\w+ ip nat ISTIO_REDIRECT rule .*redirect to :15001")
                .containsPattern("  trace id \\w+ output packet: .* tcp dport 80 ")
                .doesNotContain("tcp dport 81", "lateen-watch", "rule handle", "Error");
        assertThat(tables()).doesNotContain("lateen-watch");
    }

    @Test
    void ends_and_protocol_choose_what_is_traced() throws Exception {
        String send = "import socket\nfor to in ('" + TwoHosts.PEER4 + "','10.250.0.77'):\n for port in (53,54):\n"
                + "  socket.socket(socket.AF_INET,socket.SOCK_DGRAM).sendto(b'x',(to,port))";
        AtomicBoolean done = new AtomicBoolean();
        Thread sending = Thread.ofPlatform().start(() -> {
            while (!done.get()) {
                try {
                    lateen.capture.host.Wiring.run(List.of("ip", "netns", "exec", hosts.pod, "python3", "-c", send));
                } catch (IOException e) {
                    return;
                }
            }
        });
        String said = command(
                "capture",
                "watch",
                "udp",
                "--netns",
                hosts.pod,
                "--from",
                TwoHosts.POD4,
                "--to",
                TwoHosts.PEER4 + "/32",
                "--port",
                "53",
                "--seconds",
                "2");
        done.set(true);
        sending.join();
        assertThat(said)
                .containsPattern("output packet: .* ip saddr 10.250.0.1 ip daddr 10.250.0.2 .* udp dport 53 ")
                .doesNotContain("udp dport 54", "10.250.0.77");
        assertThat(command("capture", "watch", "--netns", hosts.pod, "--from", "10.250.0.9", "--seconds", "1"))
                .contains("ip saddr 10.250.0.9/32 tcp flags & (syn | ack) == syn")
                .doesNotContain("packet: ");
    }

    @Test
    void killed_it_takes_its_rules_along_and_until_then_the_other_commands_name_it() throws Exception {
        List<String> java = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin/java").toString()));
        java.addAll(List.of("-cp", System.getProperty("java.class.path"), CaptureProcess.class.getName()));
        java.addAll(List.of("watch", "--netns", hosts.pod, "--seconds", "500"));
        Process other = new ProcessBuilder(java).redirectErrorStream(true).start();
        String table = "lateen-watch-" + other.pid();
        try {
            eventually(true, table);
            // Two may watch at once.
            assertThat(watchWhileCalling())
                    .contains("ip nat ISTIO_REDIRECT rule")
                    .doesNotContain("lateen-watch");
            assertThat(tables()).contains(table);
            assertThat(command("capture", "show", "--netns", hosts.pod))
                    .contains(
                            "nft table inet " + table,
                            "[capture watch, process " + other.pid() + "; gone when that ends]");
            assertThat(command("capture", "explain", "tcp", TwoHosts.PEER4 + ":80", "--netns", hosts.pod))
                    .contains("goes to local port 15001")
                    .doesNotContain("Unknown:");
            assertThat(command("capture", "clean", "--netns", hosts.pod))
                    .contains("capture rules removed", "a capture watch is running, process " + other.pid());
            assertThat(tables()).contains(table);
        } finally {
            other.destroyForcibly().waitFor();
        }
        eventually(false, table);
        assertThat(command("capture", "show", "--netns", hosts.pod)).doesNotContain("lateen-watch");
        assertThat(command("capture", "clean", "--netns", hosts.pod)).doesNotContain("watch");
    }

    @Test
    void what_an_older_kernel_would_leave_is_taken_away_by_clean() throws Exception {
        hosts.inPod("nft add table inet lateen-watch-77");
        assertThat(command("capture", "clean", "--netns", hosts.pod)).contains("lateen-watch-77 removed");
        assertThat(tables()).doesNotContain("lateen-watch");
    }

    /** Asks until it is so. */
    private void eventually(boolean there, String table) throws IOException {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (tables().contains(table) != there) {
            assertThat(System.nanoTime()).as("%s: %s", table, there).isLessThan(end);
        }
    }
}
