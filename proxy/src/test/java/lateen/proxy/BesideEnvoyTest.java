package lateen.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lateen.proxy.Proxy.Acceptance;
import lateen.xds.bootstrap.StandaloneBootstrap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same static configuration and the same requests, through this proxy and through a real Envoy 1.40. */
@Tag("kernel")
class BesideEnvoyTest {
    /** Times, names of the software, and how a connection goes on. */
    private static final Set<String> INCOMPARABLE =
            Set.of("date", "server", "x-envoy-upstream-service-time", "connection");

    private static final String LIMIT =
            "'@type':'type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit',";
    private static final String ALWAYS = "{'default_value':{'numerator':100,'denominator':'HUNDRED'}}";

    private final Rig rig = new Rig();
    /** Requests by path, over both proxies. */
    private final Map<String, AtomicInteger> arrived = new ConcurrentHashMap<>();

    private final AtomicInteger failing = new AtomicInteger(200);
    private int nobody;
    /** For Envoy: administration and listener. */
    private final List<Integer> ports = new ArrayList<>();

    @TempDir
    Path dir;

    @BeforeEach
    void freePorts() throws Exception {
        try (ServerSocket one = new ServerSocket(0);
                ServerSocket two = new ServerSocket(0);
                ServerSocket three = new ServerSocket(0)) {
            nobody = one.getLocalPort();
            ports.add(two.getLocalPort());
            ports.add(three.getLocalPort());
        }
    }

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    /** What a client and the operator see of one request. */
    private record Seen(int status, Map<String, String> headers, String body, String log) {}

    /** One of the two. */
    private interface Peer {
        String name();

        InetSocketAddress address();

        /** Lines of {@code name: value}. */
        String stats() throws Exception;

        String clusters() throws Exception;
    }

    private Backend backend(AtomicInteger status) throws Exception {
        return rig.with(new Backend((socket, in, out) -> serve(in, out, status)));
    }

    private void serve(InputStream in, OutputStream out, AtomicInteger status) throws Exception {
        String head;
        while (!(head = Wire.head(in)).isEmpty()) {
            byte[] body = Wire.body(head, in);
            String path = head.split(" ")[1];
            arrived.computeIfAbsent(path, p -> new AtomicInteger()).incrementAndGet();
            if (path.contains("reset")) {
                return;
            }
            if (path.contains("never")) {
                in.readAllBytes();
                return;
            }
            int answer = path.contains("503") ? 503 : status.get();
            String text = answer + " " + new String(body, StandardCharsets.ISO_8859_1);
            out.write(("HTTP/1.1 " + answer + " X\r\ncontent-length: " + text.length() + "\r\n\r\n" + text)
                    .getBytes(StandardCharsets.ISO_8859_1));
        }
    }

    private static String cluster(String name, String more, int... ports) {
        String endpoints = java.util.Arrays.stream(ports)
                .mapToObj(port ->
                        "{'endpoint':{'address':{'socket_address':{'address':'127.0.0.1','port_value':" + port + "}}}}")
                .collect(Collectors.joining(","));
        return "{'name':'" + name + "','type':'STATIC','connect_timeout':'1s'," + more
                + "'load_assignment':{'cluster_name':'" + name + "','endpoints':[{'lb_endpoints':[" + endpoints
                + "]}]}}";
    }

    private static String route(String prefix, String cluster, String more) {
        return "{'name':'" + prefix + "','match':{'prefix':'" + prefix + "'},'route':{'cluster':'" + cluster + "'"
                + more + "}}";
    }

    private static String address(int port) {
        return "'address':{'socket_address':{'address':'127.0.0.1','port_value':" + port + "}}";
    }

    private String bootstrap(
            String log, int admin, int port, List<String> routes, String filters, List<String> clusters) {
        return ("{'admin':{" + address(admin) + "},'static_resources':{'listeners':[{'name':'l'," + address(port)
                        + ",'filter_chains':[{'filters':[{'name':'hcm','typed_config':{'@type':"
                        + "'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3."
                        + "HttpConnectionManager','stat_prefix':'in','stream_idle_timeout':'0s','access_log':[{'name':'f',"
                        + "'typed_config':{'@type':'type.googleapis.com/envoy.extensions.access_loggers.file.v3."
                        + "FileAccessLog','path':'" + dir.resolve(log) + "','log_format':{'text_format_source':"
                        + "{'inline_string':'%REQ(:METHOD)% %REQ(:PATH)% %RESPONSE_CODE% %RESPONSE_FLAGS% "
                        + "%RESPONSE_CODE_DETAILS% %ROUTE_NAME% %BYTES_RECEIVED% %BYTES_SENT%\\n'}}}}],"
                        + "'route_config':{'name':'r','virtual_hosts':[{'name':'v','domains':['*'],'routes':["
                        + String.join(",", routes) + "]}]},'http_filters':[" + filters
                        + "{'name':'router','typed_config':{'@type':"
                        + "'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router'}}]}}]}]}],'clusters':["
                        + String.join(",", clusters) + "]}}")
                .replace('\'', '"');
    }

    private List<Peer> peers(List<String> routes, String filters, List<String> clusters) throws Exception {
        Path file = dir.resolve("lateen.json");
        Files.writeString(file, bootstrap("lateen.access", 0, 0, routes, filters, clusters));
        Proxy proxy = Proxy.start(ProxySettings.defaults().withWorkers(1));
        rig.with(() -> {
            proxy.close();
            proxy.closed().toCompletableFuture().get(10, TimeUnit.SECONDS);
        });
        assertThat(proxy.accept(StandaloneBootstrap.usable(file).config())
                        .toCompletableFuture()
                        .get(10, TimeUnit.SECONDS))
                .isInstanceOf(Acceptance.Accepted.class);
        AdminRig pages = rig.with(new AdminRig(proxy, lateen.proxy.admin.AdminLimits.DEFAULT));
        int admin = ports.removeFirst();
        int port = ports.removeFirst();
        Path envoys = dir.resolve("envoy.json");
        Files.writeString(envoys, bootstrap("envoy.access", admin, port, routes, filters, clusters));
        RealEnvoy envoy = rig.with(new RealEnvoy(envoys, admin));
        return List.of(
                new Peer() {
                    @Override
                    public String name() {
                        return "envoy";
                    }

                    @Override
                    public InetSocketAddress address() {
                        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
                    }

                    @Override
                    public String stats() throws Exception {
                        return envoy.get("/stats");
                    }

                    @Override
                    public String clusters() throws Exception {
                        return envoy.get("/clusters");
                    }
                },
                new Peer() {
                    @Override
                    public String name() {
                        return "lateen";
                    }

                    @Override
                    public InetSocketAddress address() {
                        return Rig.address(proxy, "l");
                    }

                    @Override
                    public String stats() throws Exception {
                        return pages.get("/stats");
                    }

                    @Override
                    public String clusters() throws Exception {
                        return pages.get("/clusters");
                    }
                });
    }

    private Seen seen(Peer peer, String request, int line) throws Exception {
        try (Wire wire = new Wire(peer.address())) {
            String[] words = request.split(" ");
            String body = words.length > 2 ? words[2] : "";
            String length = body.isEmpty() ? "" : "Content-Length: " + body.length() + "\r\n";
            wire.send(words[0] + " " + words[1] + " HTTP/1.1\r\nHost: a\r\n" + length + "\r\n" + body);
            String answer = wire.response();
            int end = answer.indexOf("\r\n\r\n");
            TreeMap<String, String> headers = new TreeMap<>();
            for (String each : answer.substring(0, end).split("\r\n")) {
                int colon = each.indexOf(": ");
                String name = colon < 0 ? "" : each.substring(0, colon).toLowerCase(Locale.ROOT);
                if (colon > 0 && !INCOMPARABLE.contains(name)) {
                    headers.put(name, each.substring(colon + 2));
                }
            }
            Path log = dir.resolve(peer.name() + ".access");
            Awaitility.await()
                    .until(() -> Files.exists(log) && Files.readAllLines(log).size() > line);
            return new Seen(
                    Integer.parseInt(answer.substring(9, 12)),
                    headers,
                    answer.substring(end + 4),
                    Files.readAllLines(log).get(line));
        }
    }

    /** One request after the other through each; what is seen must be the same. */
    private void compare(List<Peer> peers, List<String> requests, List<String> counters) throws Exception {
        Map<String, List<String>> seen = new HashMap<>();
        Map<String, Map<String, Integer>> counts = new HashMap<>();
        for (Peer peer : peers) {
            List<String> all = new ArrayList<>();
            for (int i = 0; i < requests.size(); i++) {
                all.add(requests.get(i) + " → " + seen(peer, requests.get(i), i));
            }
            seen.put(peer.name(), all);
            Map<String, Integer> count = new TreeMap<>();
            arrived.forEach((path, n) -> count.put(path, n.getAndSet(0)));
            counts.put(peer.name(), count);
        }
        assertThat(seen.get("lateen")).containsExactlyElementsOf(seen.get("envoy"));
        assertThat(counts.get("lateen")).as("requests that arrived").isEqualTo(counts.get("envoy"));
        assertThat(numbers(peers.get(1), counters)).isEqualTo(numbers(peers.get(0), counters));
    }

    private static Map<String, String> numbers(Peer peer, List<String> counters) throws Exception {
        Map<String, String> numbers = new TreeMap<>();
        for (String line : peer.stats().split("\r?\n")) {
            int colon = line.indexOf(": ");
            if (colon > 0 && counters.contains(line.substring(0, colon))) {
                numbers.put(line.substring(0, colon), line.substring(colon + 2));
            }
        }
        assertThat(new TreeSet<>(counters)).isEqualTo(numbers.keySet());
        return numbers;
    }

    private static List<String> limits(String... prefixes) {
        return Stream.of(prefixes)
                .flatMap(prefix -> Stream.of("enabled", "ok", "rate_limited", "enforced")
                        .map(each -> prefix + ".http_local_rate_limit." + each))
                .toList();
    }

    private static String limited(String route, String limit) {
        return route.replaceFirst(
                "}$",
                ",'typed_per_filter_config':{'envoy.filters.http.local_ratelimit':{" + LIMIT
                        + limit.replace("ALWAYS", ALWAYS) + "}}}");
    }

    @Test
    void localRateLimits() throws Exception {
        int port = backend(new AtomicInteger(200)).port();
        List<Peer> peers = peers(
                List.of(
                        limited(
                                route("/own", "app", ""),
                                "'stat_prefix':'own','status':{'code':503},'token_bucket':{'max_tokens':2,"
                                        + "'tokens_per_fill':2,'fill_interval':'7200s'},'filter_enabled':ALWAYS,"
                                        + "'filter_enforced':ALWAYS,'enable_x_ratelimit_headers':'DRAFT_VERSION_03',"
                                        + "'response_headers_to_add':[{'header':{'key':'x-limited','value':'yes'}}]"),
                        limited(
                                route("/shadow", "app", ""),
                                "'stat_prefix':'shadow','token_bucket':{'max_tokens':1,'fill_interval':'3600s'},"
                                        + "'filter_enabled':ALWAYS"),
                        limited(
                                route("/low", "app", ""),
                                "'stat_prefix':'low','status':{'code':200},'token_bucket':{'max_tokens':1,"
                                        + "'fill_interval':'3600s'},'filter_enabled':ALWAYS,'filter_enforced':ALWAYS"),
                        limited(
                                route("/off", "app", ""),
                                "'stat_prefix':'off','token_bucket':{'max_tokens':1,'fill_interval':'3600s'}"),
                        "{'match':{'prefix':'/direct'},'direct_response':{'status':200,'body':{'inline_string':'d'}}}",
                        route("/gone", "app", "").replace("'cluster':'app'", "'cluster':'dead'"),
                        route("/", "app", "")),
                "{'name':'envoy.filters.http.local_ratelimit','typed_config':{'@type':"
                        + "'type.googleapis.com/udpa.type.v1.TypedStruct','type_url':'type.googleapis.com/"
                        + "envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit','value':{'stat_prefix':'top',"
                        + "'token_bucket':{'max_tokens':4,'tokens_per_fill':4,'fill_interval':'14400s'},"
                        + "'filter_enabled':" + ALWAYS + ",'filter_enforced':" + ALWAYS
                        + ",'enable_x_ratelimit_headers':'DRAFT_VERSION_03'}}},",
                List.of(cluster("app", "", port), cluster("dead", "", nobody)));
        compare(
                peers,
                List.of(
                        "GET /own",
                        "GET /own",
                        "GET /own",
                        "GET /shadow",
                        "GET /shadow",
                        "GET /low",
                        "GET /low",
                        "GET /off",
                        "GET /off",
                        "GET /",
                        "POST / hello",
                        "GET /gone",
                        "GET /direct",
                        "GET /direct",
                        "GET /",
                        "POST / hello"),
                limits("own", "shadow", "low", "off", "top"));
    }

    private static String retry(String on, String more) {
        return ",'retry_policy':{'retry_on':'" + on + "','num_retries':1,'retry_back_off':{'base_interval':'0.001s'}"
                + more + "}";
    }

    private static String breakers(String limits) {
        return "'circuit_breakers':{'thresholds':[{" + limits + "}]},";
    }

    @Test
    void retriesTimeoutsAndCircuitBreakers() throws Exception {
        int port = backend(new AtomicInteger(200)).port();
        List<Peer> peers = peers(
                List.of(
                        route("/dead/again", "dead", retry("connect-failure", "")),
                        route("/dead", "dead", ""),
                        route(
                                "/zero",
                                "dead",
                                retry("connect-failure", "").replace("'num_retries':1", "'num_retries':0")),
                        route("/late", "app", ",'timeout':'0.3s'"),
                        route("/5xx", "app", retry("5xx", "")),
                        route("/gateway", "app", retry("gateway-error", "")),
                        route("/connect", "app", retry("connect-failure,refused-stream,unavailable,cancelled", "")),
                        route("/before", "app", retry("reset-before-request", "")),
                        route("/ends", "app", retry("reset", "")),
                        route("/codes", "app", retry("retriable-status-codes", ",'retriable_status_codes':[503]")),
                        route("/try5xx", "app", retry("5xx", ",'per_try_timeout':'0.2s'")),
                        route("/tryconnect", "app", retry("connect-failure", ",'per_try_timeout':'0.2s'")),
                        route("/noretries", "noretries", retry("5xx", "")),
                        route("/nopending", "nopending", ""),
                        route("/norequests", "norequests", ""),
                        route("/nothing", "none", ""),
                        route("/", "app", "")),
                "",
                List.of(
                        cluster("app", "", port),
                        cluster("dead", "", nobody),
                        cluster("none", ""),
                        cluster("noretries", breakers("'max_retries':0"), port),
                        cluster("nopending", breakers("'max_pending_requests':0"), port),
                        cluster("norequests", breakers("'max_requests':0"), port)));
        List<String> requests = new ArrayList<>(List.of(
                "GET /dead/again",
                "GET /dead",
                "GET /zero",
                "GET /late/never",
                "GET /try5xx/never",
                "GET /tryconnect/never",
                "GET /noretries/503",
                "GET /nopending",
                "GET /norequests",
                "GET /nothing"));
        // Those first that leave no connection open: a GET whose old connection ends is sent again by this proxy alone.
        for (String how : List.of("reset", "503")) {
            for (String policy : List.of("5xx", "gateway", "connect", "before", "ends", "codes")) {
                requests.add("GET /" + policy + "/" + how);
                requests.add("POST /" + policy + "/" + how + "-body hello");
            }
        }
        compare(
                peers,
                requests,
                Stream.concat(
                                Stream.of("retry", "retry_limit_exceeded", "timeout", "per_try_timeout")
                                        .map(each -> "cluster.app.upstream_rq_" + each),
                                Stream.of(
                                        "cluster.dead.upstream_rq_retry",
                                        "cluster.dead.upstream_cx_connect_fail",
                                        "cluster.noretries.upstream_rq_retry_overflow",
                                        "cluster.nopending.upstream_rq_pending_overflow",
                                        "cluster.norequests.upstream_rq_active_overflow"))
                        .toList());
    }

    /** Answers of the host that fails, until it is out. */
    private long failuresUntilEjected(Peer peer, String flags) throws Exception {
        long failures = 0;
        for (int i = 0; i < 100 && !peer.clusters().contains(flags + "/failed_outlier_check"); i++) {
            failures += statuses(peer, 1).getFirst() == 503 ? 1 : 0;
        }
        return failures;
    }

    /** Of so many requests in sequence. */
    private List<Integer> statuses(Peer peer, int times) throws Exception {
        List<Integer> statuses = new ArrayList<>();
        try (Wire wire = new Wire(peer.address())) {
            for (int i = 0; i < times; i++) {
                statuses.add(Integer.parseInt(wire.get("/").substring(9, 12)));
            }
        }
        return statuses;
    }

    private static List<String> outliers(String cluster) {
        return Stream.of(
                        "active",
                        "enforced_total",
                        "overflow",
                        "detected_consecutive_5xx",
                        "enforced_consecutive_5xx",
                        "detected_consecutive_gateway_failure",
                        "enforced_consecutive_gateway_failure")
                .map(each -> "cluster." + cluster + ".outlier_detection.ejections_" + each)
                .toList();
    }

    @Test
    void aHostThatFailsIsEjectedAndReturns() throws Exception {
        Backend bad = backend(failing);
        int good = backend(new AtomicInteger(200)).port();
        List<Peer> peers = peers(
                List.of(route("/", "app", "")),
                "",
                List.of(cluster(
                        "app",
                        "'outlier_detection':{'consecutive_5xx':3,'interval':'0.5s','base_ejection_time':'2s',"
                                + "'max_ejection_percent':50},'common_lb_config':{'healthy_panic_threshold':{}},",
                        bad.port(),
                        good)));
        String flags = "app::127.0.0.1:" + bad.port() + "::health_flags::";
        List<String> story = new ArrayList<>();
        for (Peer peer : peers) {
            StringBuilder told = new StringBuilder();
            failing.set(503);
            told.append(failuresUntilEjected(peer, flags));
            told.append(statuses(peer, 4));
            told.append(numbers(peer, outliers("app")));
            failing.set(200);
            Awaitility.await().until(() -> peer.clusters().contains(flags + "healthy"));
            told.append(numbers(peer, outliers("app")));
            told.append(statuses(peer, 8).stream().distinct().toList());
            failing.set(503);
            told.append(failuresUntilEjected(peer, flags));
            told.append(numbers(peer, outliers("app")));
            story.add(told.toString());
        }
        assertThat(story.getLast())
                .isEqualTo(story.getFirst())
                .startsWith("3[200, 200, 200, 200]{")
                .contains("[200]3{");
    }

    @Test
    void withEnvoysDefaultsOneOfTwoHostsIsNeverEjected() throws Exception {
        failing.set(503);
        List<Peer> peers = peers(
                List.of(route("/", "app", "")),
                "",
                List.of(cluster(
                        "app",
                        "'outlier_detection':{'consecutive_5xx':3},",
                        backend(failing).port(),
                        backend(new AtomicInteger(200)).port())));
        List<String> story = new ArrayList<>();
        for (Peer peer : peers) {
            story.add(statuses(peer, 16).stream().filter(each -> each == 503).count() + " "
                    + numbers(peer, outliers("app")));
        }
        assertThat(story.getLast()).isEqualTo(story.getFirst()).startsWith("8 ");
    }
}
