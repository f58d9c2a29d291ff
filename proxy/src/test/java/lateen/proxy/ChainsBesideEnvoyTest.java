package lateen.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import lateen.xds.bootstrap.StandaloneBootstrap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same filter chains and the same connections, here and at a real Envoy: which chain answers? */
class ChainsBesideEnvoyTest {
    private static final List<String> MATCHES = List.of(
            "'destination_port':80",
            "'destination_port':80,'prefix_ranges':[{'address_prefix':'10.0.0.0','prefix_len':8}]",
            "'destination_port':80,'prefix_ranges':[{'address_prefix':'10.1.0.0','prefix_len':16}],"
                    + "'server_names':['a.example.com'],'transport_protocol':'tls'",
            "'prefix_ranges':[{'address_prefix':'10.0.0.0','prefix_len':8}],'server_names':['*.example.com','*.org']",
            "'server_names':['*.com'],'transport_protocol':'tls'",
            "'server_names':['*.com'],'transport_protocol':'tls','application_protocols':['h2','istio']",
            "'transport_protocol':'raw_buffer','application_protocols':['http/1.1']",
            "'transport_protocol':'raw_buffer'",
            "'transport_protocol':'raw_buffer','direct_source_prefix_ranges':[{'address_prefix':'127.0.0.5','prefix_len':32}]",
            "'transport_protocol':'tls','source_type':'EXTERNAL'",
            "'transport_protocol':'tls','source_type':'SAME_IP_OR_LOOPBACK','source_prefix_ranges':"
                    + "[{'address_prefix':'127.0.0.0','prefix_len':8},{'address_prefix':'fd00::1','prefix_len':128}]",
            "'transport_protocol':'tls','application_protocols':['h2']",
            "'prefix_ranges':[{'address_prefix':'fd00::','prefix_len':8}],'source_ports':[4711,4712]",
            "'prefix_ranges':[{'address_prefix':'fd00::','prefix_len':8}],'source_prefix_ranges':"
                    + "[{'address_prefix':'2001:db8::','prefix_len':32}]",
            "'prefix_ranges':[{'address_prefix':'fd00::','prefix_len':8}],'source_prefix_ranges':"
                    + "[{'address_prefix':'2001:db8:1::','prefix_len':48}],'source_ports':[4711]",
            "'prefix_ranges':[{'address_prefix':'192.168.0.0','prefix_len':16}],'server_names':['b.example.com'],"
                    + "'source_prefix_ranges':[{'address_prefix':'10.9.0.0','prefix_len':16}]");

    private final Rig rig = new Rig();

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    /** Says which chain led to it. */
    private Backend saying(String name) throws Exception {
        return rig.with(new Backend((socket, in, out) -> {
            out.write(name.getBytes(StandardCharsets.US_ASCII));
            socket.shutdownOutput();
            in.readAllBytes();
        }));
    }

    private String bootstrap(int admin, int port, Map<String, Integer> backends) {
        StringBuilder chains = new StringBuilder();
        StringBuilder clusters = new StringBuilder();
        for (int i = 0; i <= MATCHES.size(); i++) {
            String name = i < MATCHES.size() ? "c" + i : "default";
            String filters = "'name':'" + name + "','filters':[{'name':'tcp','typed_config':{'@type':"
                    + "'type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy','stat_prefix':'t',"
                    + "'cluster':'" + name + "'}}]}";
            chains.append(
                    i < MATCHES.size()
                            ? (i == 0 ? "" : ",") + "{'filter_chain_match':{" + MATCHES.get(i) + "}," + filters
                            : "],'default_filter_chain':{" + filters);
            clusters.append(i == 0 ? "" : ",")
                    .append("{'name':'" + name + "','type':'STATIC','load_assignment':{'cluster_name':'" + name
                            + "','endpoints':[{'lb_endpoints':[{'endpoint':{'address':{'socket_address':{'address':"
                            + "'127.0.0.1','port_value':" + backends.get(name) + "}}}}]}]}}");
        }
        return ("{'admin':{'address':{'socket_address':{'address':'127.0.0.1','port_value':" + admin
                        + "}}},'static_resources':{'listeners':[{'name':'in','address':{'socket_address':{'address':"
                        + "'127.0.0.1','port_value':" + port + "}},'listener_filters':["
                        + filter("proxy_protocol", "ProxyProtocol") + "," + filter("tls_inspector", "TlsInspector")
                        + "," + filter("http_inspector", "HttpInspector") + "],'filter_chains':[" + chains
                        + "}],'clusters':[" + clusters + "]}}")
                .replace('\'', '"');
    }

    private static String filter(String name, String type) {
        return "{'name':'" + name + "','typed_config':{'@type':'type.googleapis.com/envoy.extensions.filters.listener."
                + name + ".v3." + type + "'}}";
    }

    private static byte[] hello(String serverName, String... protocols) throws Exception {
        SSLEngine engine = SSLContext.getDefault().createSSLEngine();
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        if (!serverName.isEmpty()) {
            parameters.setServerNames(List.of(new SNIHostName(serverName)));
        }
        parameters.setApplicationProtocols(protocols);
        engine.setSSLParameters(parameters);
        ByteBuffer out = ByteBuffer.allocate(32 * 1024);
        engine.wrap(ByteBuffer.allocate(0), out);
        out.flip();
        byte[] bytes = new byte[out.remaining()];
        out.get(bytes);
        return bytes;
    }

    /** A connection: whose, as a header tells, and what it begins with. */
    private record Connection(String peer, String header, String what, byte[] first) {
        String answer(int port) throws Exception {
            try (Socket socket = new Socket("127.0.0.1", port, InetAddress.getByName(peer), 0)) {
                socket.setSoTimeout(10_000);
                ByteArrayOutputStream all = new ByteArrayOutputStream();
                all.writeBytes((header + "\r\n").getBytes(StandardCharsets.US_ASCII));
                all.writeBytes(first);
                socket.getOutputStream().write(all.toByteArray());
                return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            }
        }

        @Override
        public String toString() {
            return header + " by " + peer + ", " + what;
        }
    }

    private static List<Connection> connections() throws Exception {
        Map<String, byte[]> firsts = new HashMap<>();
        for (String name : List.of("", "a.example.com", "b.example.com", "x.org", "example.com", "com")) {
            firsts.put("TLS " + name, hello(name));
            firsts.put("TLS h2 " + name, hello(name, "http/1.1", "h2"));
            firsts.put("TLS istio " + name, hello(name, "istio", "h2"));
        }
        firsts.put("HTTP", "GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        firsts.put("other", "hello there\n".getBytes(StandardCharsets.US_ASCII));
        List<String> whats = firsts.keySet().stream().sorted().toList();
        Random random = new Random(4711);
        List<Connection> all = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            boolean v6 = random.nextInt(3) == 0;
            String source = v6
                    ? one(random, "2001:db8::5", "2001:db8:1::5", "2001:db9::1", "::1", "fd00::1", "fd00::2")
                    : one(random, "10.9.0.1", "127.0.0.1", "127.0.0.9", "10.1.0.7", "203.0.113.5", "192.168.1.1");
            String destination = v6
                    ? one(random, "fd00::1", "fd00::2", "2001:db8::9")
                    : one(random, "10.1.0.7", "10.2.0.1", "192.168.1.1", "203.0.113.9");
            String what = whats.get(random.nextInt(whats.size()));
            all.add(new Connection(
                    one(random, "127.0.0.1", "127.0.0.5"),
                    "PROXY TCP" + (v6 ? 6 : 4) + " " + source + " " + destination + " "
                            + one(random, "4711", "4712", "4713") + " " + one(random, "80", "443", "8080"),
                    what,
                    firsts.get(what)));
        }
        return all;
    }

    private static String one(Random random, String... of) {
        return of[random.nextInt(of.length)];
    }

    private static int free() throws Exception {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    @Test
    void theSameChainAnswers(@TempDir Path folder) throws Exception {
        Map<String, Integer> backends = new HashMap<>();
        for (int i = 0; i <= MATCHES.size(); i++) {
            String name = i < MATCHES.size() ? "c" + i : "default";
            backends.put(name, saying(name).port());
        }
        int admin = free();
        int port = free();
        Path file = Files.writeString(folder.resolve("envoy.json"), bootstrap(admin, port, backends));
        Path ours = Files.writeString(folder.resolve("lateen.json"), bootstrap(admin, 0, backends));
        InetSocketAddress here =
                Rig.address(rig.proxy(StandaloneBootstrap.usable(ours).config()), "in");
        Map<String, Integer> answers = new HashMap<>();
        List<String> different = new ArrayList<>();
        try (RealEnvoy ignored = new RealEnvoy(file, admin)) {
            for (Connection each : connections()) {
                String envoys = each.answer(port);
                String ourAnswer = each.answer(here.getPort());
                answers.merge(envoys, 1, Integer::sum);
                if (!envoys.equals(ourAnswer)) {
                    different.add(each + ": Envoy " + envoys + ", here " + ourAnswer);
                }
            }
        }
        System.out.println("which chain answered how often: " + answers);
        assertThat(different).isEmpty();
        assertThat(answers).as("chains that answered").hasSizeGreaterThan(13);
    }
}
