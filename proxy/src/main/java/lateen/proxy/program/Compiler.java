package lateen.proxy.program;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import lateen.decision.Compiled;
import lateen.decision.chain.ChainSelector;
import lateen.decision.chain.ListenerSelector;
import lateen.decision.config.AccessLogConfig;
import lateen.decision.config.ClusterConfig;
import lateen.decision.config.DownstreamTls;
import lateen.decision.config.FilterChainConfig;
import lateen.decision.config.HttpFilter;
import lateen.decision.config.ListenerConfig;
import lateen.decision.config.NetworkFilter;
import lateen.decision.config.ProxyConfig;
import lateen.decision.config.RbacConfig;
import lateen.decision.config.RouteConfig;
import lateen.decision.rbac.RbacProgram;
import lateen.decision.route.WeightedChoice;
import lateen.proxy.accesslog.AccessLog;
import lateen.proxy.accesslog.LogThread;
import lateen.proxy.cluster.Cluster;
import lateen.proxy.http1.HeadLimits;
import lateen.proxy.stats.ProxyMetrics;
import lateen.proxy.stats.Stats;
import lateen.proxy.tls.SecretStore;
import lateen.proxy.tls.ServerTls;
import org.jspecify.annotations.Nullable;

/**
 * Makes a {@link Program} of a configuration, reusing from the one before whatever is still the same object. Collects
 * every problem, so that one refusal names them all. Called from one thread at a time.
 */
public final class Compiler {
    private static final int MAX_HEADERS = 100;
    private static final int MOST_SERIES = 50_000;

    private final SecretStore secrets;
    private final java.time.InstantSource clock;
    private final LogThread logThread;
    private final ProxyMetrics metrics;
    /** Of the present compilation. */
    private final Map<LogKey, AccessLog> logs = new HashMap<>();

    /** Equal maps may differ in their order, which JSON lines show. */
    private record LogKey(List<AccessLogConfig> configs, List<List<String>> jsonKeys) {}

    /** @param logThread writes the access logs */
    public Compiler(SecretStore secrets, java.time.InstantSource clock, LogThread logThread, ProxyMetrics metrics) {
        this.metrics = metrics;
        this.secrets = secrets;
        this.clock = clock;
        this.logThread = logThread;
    }

    /** Why a configuration cannot be put into effect, whatever the machine; empty: it can. Nothing is opened. */
    public static List<String> problems(ProxyConfig config) {
        Compiler alone = new Compiler(
                new SecretStore(),
                java.time.InstantSource.system(),
                new LogThread(),
                new ProxyMetrics(new Stats(MOST_SERIES), () -> 0, () -> 0));
        return switch (alone.compile(config, Program.EMPTY)) {
            case Outcome.Ready _ -> List.of();
            case Outcome.Refused(List<String> problems) -> problems;
        };
    }

    /** Either a program or why there is none. */
    public sealed interface Outcome {
        record Ready(Program program) implements Outcome {}

        record Refused(List<String> problems) implements Outcome {}
    }

    @SuppressWarnings("ReferenceEquality") // unchanged parts of a configuration are the same objects
    public Outcome compile(ProxyConfig config, Program before) {
        List<String> problems = new ArrayList<>();
        logs.clear();
        Map<String, Cluster> clusters = new HashMap<>();
        for (ClusterConfig each : config.clusters().values()) {
            attempt(
                    "cluster '" + each.name() + "'",
                    problems,
                    () -> clusters.put(each.name(), cluster(each, config, before)));
        }
        Map<String, RouteProgram> routes = new HashMap<>();
        config.routes()
                .forEach((name, each) -> attempt("routes '" + name + "'", problems, () -> {
                    RouteProgram old = before.routes().get(name);
                    routes.put(name, old != null && old.config() == each ? old : RouteProgram.compile(each, metrics));
                }));
        Map<String, ListenerProgram> listeners = new HashMap<>();
        for (ListenerConfig each : config.listeners().values()) {
            attempt("listener '" + each.name() + "'", problems, () -> {
                ListenerProgram old = before.listeners().get(each.name());
                listeners.put(each.name(), old != null && old.config() == each ? old : listener(each));
            });
        }
        ListenerSelector handover = null;
        switch (ListenerSelector.compile(config.listeners().values())) {
            case Compiled.Ready<ListenerSelector>(var selector) -> handover = selector;
            case Compiled.Conflict<ListenerSelector>(var first, var second, var message) -> problems.add(message);
        }
        return problems.isEmpty()
                ? new Outcome.Ready(
                        new Program(config, Map.copyOf(listeners), handover, Map.copyOf(routes), Map.copyOf(clusters)))
                : new Outcome.Refused(problems);
    }

    private static void attempt(String where, List<String> problems, Runnable step) {
        try {
            step.run();
        } catch (IllegalArgumentException e) {
            String said = String.valueOf(e.getMessage());
            problems.add(said.startsWith(where) ? said : where + ": " + said);
        }
    }

    private Cluster cluster(ClusterConfig config, ProxyConfig all, Program before) {
        return Cluster.compile(
                config,
                config.discovery() == ClusterConfig.Discovery.STATIC
                        ? config.staticEndpoints()
                        : all.endpoints().get(config.endpointsName()),
                before.clusters().get(config.name()),
                secrets,
                metrics);
    }

    private ListenerProgram listener(ListenerConfig config) {
        ChainSelector selector = switch (ChainSelector.compile(config)) {
            case Compiled.Ready<ChainSelector>(var program) -> program;
            case Compiled.Conflict<ChainSelector>(var first, var second, var message) ->
                throw new IllegalArgumentException(message);
        };
        List<ChainProgram> chains =
                config.filterChains().stream().map(this::chain).toList();
        FilterChainConfig otherwise = config.defaultFilterChain();
        return new ListenerProgram(
                config,
                selector,
                chains,
                otherwise == null ? null : chain(otherwise),
                log(config.accessLogs()),
                metrics);
    }

    /** Filters that log in the same way, as those of a mesh mostly do, share one. */
    private AccessLog log(List<AccessLogConfig> configs) {
        LogKey key = new LogKey(
                configs,
                configs.stream()
                        .map(each -> each.jsonFormat() == null
                                ? List.<String>of()
                                : List.copyOf(each.jsonFormat().keySet()))
                        .toList());
        return logs.computeIfAbsent(key, made -> AccessLog.compile(configs, logThread));
    }

    private ChainProgram chain(FilterChainConfig config) {
        List<AccessStep> authorization = new ArrayList<>();
        List<RbacConfig.Shadow> marks = new ArrayList<>();
        ChainProgram.Terminal terminal = null;
        for (NetworkFilter filter : config.filters()) {
            if (terminal != null) {
                throw new IllegalArgumentException("chain '" + config.name() + "': a filter after the terminal one");
            }
            switch (filter) {
                case NetworkFilter.Rbac rbac -> rules(rbac.rules(), rbac.shadow(), authorization, marks);
                case NetworkFilter.ExtAuthz(var statPrefix, var external) -> {
                    authorization.add(new ExternalAuthorization(external, marks, metrics.networkExtAuthz(statPrefix)));
                    marks.clear();
                }
                case NetworkFilter.TcpProxy tcp ->
                    terminal = new ChainProgram.Terminal.Tcp(new TcpProgram(
                            tcp,
                            WeightedChoice.compile(tcp.clusters()),
                            log(tcp.accessLogs()),
                            tcp.tunneling() == null ? null : TcpProgram.Tunnel.of(tcp.tunneling())));
                case NetworkFilter.HttpConnectionManager http -> terminal = new ChainProgram.Terminal.Http(http(http));
            }
        }
        if (terminal == null) {
            throw new IllegalArgumentException("chain '" + config.name()
                    + "': no terminal filter (expected: tcp_proxy or http_connection_manager at the end)");
        }
        return new ChainProgram(config, tls(config.tls(), terminal), List.copyOf(authorization), terminal);
    }

    /** Shadow rules run only where a filter after them asks what they marked. */
    private static void rules(
            RbacConfig rules,
            RbacConfig.@Nullable Shadow shadow,
            List<? super AccessStep> steps,
            List<RbacConfig.Shadow> marks) {
        if (shadow != null) {
            marks.add(shadow);
        }
        steps.add(new Authorization(RbacProgram.compile(rules)));
    }

    private @Nullable ServerTls tls(@Nullable DownstreamTls config, ChainProgram.Terminal terminal) {
        if (config == null) {
            return null;
        }
        boolean http = terminal instanceof ChainProgram.Terminal.Http;
        // Only what this chain speaks is offered, or a client would choose what then fails.
        List<String> alpn = terminal instanceof ChainProgram.Terminal.Http(HttpProgram program)
                        && program.config().codec() == NetworkFilter.Codec.HTTP1
                ? config.alpn().stream()
                        .filter(each -> !each.equals("h2") && !each.equals("istio-h2"))
                        .toList()
                : config.alpn();
        return new ServerTls(config, alpn, !http, secrets, clock);
    }

    private HttpProgram http(NetworkFilter.HttpConnectionManager config) {
        List<RequestStep> steps = new ArrayList<>();
        List<RbacConfig.Shadow> marks = new ArrayList<>();
        for (HttpFilter filter : config.filters()) {
            switch (filter) {
                case HttpFilter.Rbac(var rules, var shadow) -> rules(rules, shadow, steps, marks);
                case HttpFilter.ExtAuthz(var external) -> {
                    steps.add(new ExternalAuthorization(external, marks, metrics.httpExtAuthz(config.statPrefix())));
                    marks.clear();
                }
                case HttpFilter.LocalRateLimited(var name, var limit) ->
                    steps.add(new RateLimit(name, limit, metrics, System.nanoTime()));
                case HttpFilter.Router ignored -> {}
            }
        }
        RouteProgram inline = switch (config.routes()) {
            case NetworkFilter.RouteSource.Inline(RouteConfig routes) -> RouteProgram.compile(routes, metrics);
            case NetworkFilter.RouteSource.Named ignored -> null;
        };
        HeadLimits limits = new HeadLimits(Math.clamp(config.maxRequestHeadersBytes(), 64, 1 << 20), MAX_HEADERS);
        return new HttpProgram(
                config,
                List.copyOf(steps),
                inline,
                log(config.accessLogs()),
                limits,
                HttpProgram.ServerName.of(config.serverName()),
                metrics.http(config.statPrefix()));
    }
}
