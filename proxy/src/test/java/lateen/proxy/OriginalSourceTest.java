package lateen.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import lateen.testing.NeedsRoot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two machines: a client, and a pod whose rules bring connections to port 8080 to the proxy by TPROXY, as capture writes
 * them, and the proxy's marked connections to the application, which sees the client's own address.
 */
@NeedsRoot
class OriginalSourceTest {
    private static final String MARK = "1337";
    private static final String TABLE = "133";
    /** Says who its client is. */
    private static final String APP = """
            import socketserver
            class Who(socketserver.BaseRequestHandler):
                def handle(self):
                    self.request.sendall(("%s %d\\n" % self.client_address[:2]).encode())
                    self.request.recv(100)
            class Server(socketserver.ThreadingTCPServer):
                allow_reuse_address = True
                address_family = socketserver.socket.AF_INET6
            servers = [Server(("::", port), Who) for port in (8080, 9090)]
            import threading
            for each in servers: threading.Thread(target=each.serve_forever, daemon=True).start()
            print("ready", flush=True)
            import sys; sys.stdin.read()
            """;

    private final String id = Long.toString(ProcessHandle.current().pid(), 36);
    private final String client = "lc" + id;
    private final String pod = "lp" + id;
    private final List<Process> processes = new ArrayList<>();

    @TempDir
    private Path folder;

    @BeforeEach
    void wire() throws Exception {
        run("ip", "netns", "add", client);
        run("ip", "netns", "add", pod);
        run("ip", "link", "add", "c0", "netns", client, "type", "veth", "peer", "name", "p0", "netns", pod);
        for (String[] end : new String[][] {{client, "c0", "1"}, {pod, "p0", "2"}}) {
            in(end[0], "ip", "addr", "add", "10.77.0." + end[2] + "/24", "dev", end[1]);
            in(end[0], "ip", "-6", "addr", "add", "fd77::" + end[2] + "/64", "dev", end[1], "nodad");
            in(end[0], "ip", "link", "set", end[1], "up");
            in(end[0], "ip", "link", "set", "lo", "up");
        }
        for (String conf : List.of("all", "lo", "p0")) {
            in(pod, "sysctl", "-qw", "net.ipv4.conf." + conf + ".rp_filter=0");
        }
        for (String family : List.of("-4", "-6")) {
            String tables = family.equals("-4") ? "iptables" : "ip6tables";
            String all = family.equals("-4") ? "0.0.0.0/0" : "::/0";
            in(pod, "ip", family, "rule", "add", "fwmark", MARK, "lookup", TABLE);
            in(pod, "ip", family, "route", "add", "local", all, "dev", "lo", "table", TABLE);
            mangle(tables, "PREROUTING", "-m", "mark", "--mark", MARK, "-j", "CONNMARK", "--save-mark");
            mangle(
                    tables,
                    "PREROUTING",
                    "-i",
                    "p0",
                    "-p",
                    "tcp",
                    "--dport",
                    "8080",
                    "-j",
                    "TPROXY",
                    "--on-port",
                    "15006",
                    "--tproxy-mark",
                    MARK);
            mangle(tables, "OUTPUT", "-p", "tcp", "-m", "connmark", "--mark", MARK, "-j", "CONNMARK", "--restore-mark");
        }
    }

    private void mangle(String tables, String chain, String... rule) throws Exception {
        List<String> command = new ArrayList<>(List.of(tables, "-w", "-t", "mangle", "-A", chain));
        command.addAll(List.of(rule));
        in(pod, command.toArray(String[]::new));
    }

    @AfterEach
    void unwire() throws Exception {
        for (Process each : processes) {
            each.getOutputStream().close();
            if (!each.waitFor(10, TimeUnit.SECONDS)) {
                each.destroyForcibly();
            }
        }
        run("ip", "netns", "del", client);
        run("ip", "netns", "del", pod);
    }

    private static String run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor())
                .as(String.join(" ", command) + ": " + said)
                .isZero();
        return said;
    }

    private static String in(String namespace, String... command) throws Exception {
        List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
        all.addAll(List.of(command));
        return run(all.toArray(String[]::new));
    }

    /** Runs until the test is over; its first line. */
    private String start(String... command) throws Exception {
        List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", pod));
        all.addAll(List.of(command));
        Process process = new ProcessBuilder(all)
                .redirectError(folder.resolve("stderr").toFile())
                .start();
        processes.add(process);
        return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)).readLine();
    }

    private static String listener(String name, String address, int port, String more, String cluster) {
        return "{'name':'" + name + "','address':{'socket_address':{'address':'" + address + "','port_value':" + port
                + "}},'listener_filters':[{'name':'d','typed_config':{'@type':'type.googleapis.com/"
                + "envoy.extensions.filters.listener.original_dst.v3.OriginalDst'}}" + more + "],'transparent':true,"
                + "'filter_chains':[{'filters':[{'name':'t','typed_config':{'@type':'type.googleapis.com/"
                + "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy','stat_prefix':'t','cluster':'" + cluster
                + "'}}]}]}";
    }

    private static String keeping(boolean port) {
        return ",{'name':'s','typed_config':{'@type':'type.googleapis.com/"
                + "envoy.extensions.filters.listener.original_src.v3.OriginalSrc','mark':" + MARK + ",'bind_port':"
                + port
                + "}}";
    }

    private void proxy(String listeners) throws Exception {
        Path file = Files.writeString(
                folder.resolve("bootstrap.json"),
                ("{'static_resources':{'listeners':[" + listeners + "],'clusters':[{'name':'wanted','type':"
                                + "'ORIGINAL_DST','lb_policy':'CLUSTER_PROVIDED'},{'name':'other','type':'STATIC',"
                                + "'load_assignment':{'cluster_name':'other','endpoints':[{'lb_endpoints':[{'endpoint':"
                                + "{'address':{'socket_address':{'address':'10.77.0.2','port_value':9090}}}}]}]}}]}}")
                        .replace('\'', '"'));
        assertThat(start("python3", "-c", APP)).isEqualTo("ready");
        assertThat(start(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ProxyProcess.class.getName(),
                        file.toString()))
                .as(Files.readString(folder.resolve("stderr")))
                .contains("Accepted");
    }

    /** Who the application says asks it, and from which port the client did. */
    private String[] asked(String address) throws Exception {
        return in(
                        client,
                        "python3",
                        "-c",
                        "import socket; s=socket.create_connection(('" + address + "', 8080), 10);"
                                + " print(s.makefile().readline().strip(), s.getsockname()[1])")
                .strip()
                .split(" ");
    }

    @Test
    void theApplicationSeesTheClientsAddress() throws Exception {
        proxy(listener("v4", "0.0.0.0", 15006, keeping(false), "wanted") + ","
                + listener("v6", "::", 15006, keeping(false), "wanted"));
        assertThat(asked("10.77.0.2")[0]).isEqualTo("::ffff:10.77.0.1");
        assertThat(asked("fd77::2")[0]).isEqualTo("fd77::1");
    }

    @Test
    void itSeesTheClientsPortTooWhereAsked() throws Exception {
        proxy(listener("v4", "0.0.0.0", 15006, keeping(true), "other"));
        String[] said = asked("10.77.0.2");
        assertThat(said[0]).isEqualTo("::ffff:10.77.0.1");
        assertThat(said[1]).isEqualTo(said[2]);
    }

    @Test
    void withoutThatItSeesTheProxy() throws Exception {
        proxy(listener("v4", "0.0.0.0", 15006, "", "wanted"));
        assertThat(asked("10.77.0.2")[0]).isEqualTo("::ffff:10.77.0.2");
    }
}
