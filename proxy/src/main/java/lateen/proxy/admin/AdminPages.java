package lateen.proxy.admin;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/** Which pages there are: those of Envoy's administration interface under its names, as far as they are supported. */
public final class AdminPages {

    private static final String OK = "OK\n";

    private final AdminSource source;
    private final AdminActions actions;
    private final StatsPage stats;
    private final ServerPages server;
    /** Set by {@code /healthcheck/fail}. */
    private final AtomicBoolean failed = new AtomicBoolean();

    public AdminPages(AdminSource source, AdminActions actions) {
        this.source = source;
        this.actions = actions;
        this.stats = new StatsPage(source.stats());
        this.server = new ServerPages(source, this::readiness);
    }

    /** The whole interface, for 15000. */
    public Pages administration() {
        ClustersPage clusters = new ClustersPage(source.program());
        ListenersPage listeners = new ListenersPage(source);
        CertsPage certs = new CertsPage(source.secrets(), source.clock());
        List<Page> pages = List.of(
                Page.slow(
                                "/config_dump",
                                "dump current configuration, without private keys",
                                query -> Reply.json(source.configDump().get()))
                        .with("include_eds", "endpoints are always included"),
                Page.slow("/clusters", "upstream cluster status", clusters::reply)
                        .with("format", "text or json"),
                Page.slow("/listeners", "print listener info", listeners::reply).with("format", "text or json"),
                Page.slow("/certs", "print certs of this proxy, without keys", query -> certs.reply()),
                Page.slow("/stats", "print statistics", stats::any)
                        .with("filter", "regular expression that a part of the name must match")
                        .with("format", "text or prometheus"),
                Page.slow("/stats/prometheus", "print statistics in prometheus format", stats::prometheus)
                        .with("filter", "regular expression that a part of the sample's name or labels must match"),
                Page.quick("/ready", "print server state, return 200 if LIVE, otherwise 503", query -> ready()),
                Page.quick("/server_info", "print server version and state", query -> server.info()),
                Page.slow("/memory", "print current allocation and heap usage", query -> server.memory()),
                Page.quick("/init_dump", "print what waits for other resources", query -> server.waiting()),
                Page.change(
                        "/quitquitquit",
                        "drain, then exit",
                        query -> Reply.text(OK).then(actions.quit())),
                Page.change("/drain_listeners", "take no more connections and let those open end", query -> {
                            if (query.parameters().containsKey("inboundonly")) {
                                actions.drainInbound().run();
                            } else {
                                actions.drain().run();
                            }
                            return Reply.text(OK);
                        })
                        .with("graceful", "it always is")
                        .with("inboundonly", "listeners with another traffic_direction than INBOUND go on"),
                Page.change("/reopen_logs", "reopen access logs", query -> {
                    actions.reopenLogs().run();
                    return Reply.text(OK);
                }),
                Page.change("/healthcheck/fail", "/ready and the readiness port answer 503", query -> health(true)),
                Page.change("/healthcheck/ok", "they answer as it is again", query -> health(false)),
                Page.change("/logging", "change the level of all loggers", this::logging)
                        .with("level", LogLevel.names()));
        return withHelp(pages);
    }

    private static Pages withHelp(List<Page> pages) {
        // The list is made when it is asked for: it lists itself.
        Pages[] all = new Pages[1];
        Page help = Page.quick("/help", "print out list of admin commands", query -> Reply.text(all[0].list()));
        Page home = Page.quick("/", "print out list of admin commands", query -> Reply.text(all[0].list()));
        all[0] = new Pages(Stream.concat(pages.stream(), Stream.of(help, home)).toList());
        return all[0];
    }

    /** Istio's readiness, for 15021. */
    public Pages health() {
        return new Pages(List.of(
                Page.quick("/healthz/ready", "200 when traffic may come, else 503", query -> switch (readiness()) {
                    case Readiness.Live() -> Reply.text("");
                    case Readiness.Initializing(String reason) -> notReady(reason);
                    case Readiness.Draining(String reason) -> notReady(reason);
                })));
    }

    private static Reply notReady(String reason) {
        return Reply.refuse(Status.UNAVAILABLE, "not ready: " + reason + "\n");
    }

    /** Metrics for 15090. */
    public Pages metrics() {
        return new Pages(
                List.of(Page.slow("/stats/prometheus", "print statistics in prometheus format", stats::prometheus)
                        .with("filter", "regular expression that a part of the sample's name or labels must match")));
    }

    private Readiness readiness() {
        return failed.get()
                ? new Readiness.Draining("told so by /healthcheck/fail")
                : source.readiness().get();
    }

    private Reply ready() {
        return switch (readiness()) {
            case Readiness.Live live -> Reply.text(live.state() + "\n");
            case Readiness.Initializing it -> Reply.refuse(Status.UNAVAILABLE, it.state() + "\n" + it.reason() + "\n");
            case Readiness.Draining it -> Reply.refuse(Status.UNAVAILABLE, it.state() + "\n" + it.reason() + "\n");
        };
    }

    private Reply health(boolean fail) {
        failed.set(fail);
        return Reply.text(OK);
    }

    private Reply logging(Query query) {
        for (LogLevel level : LogLevel.values()) {
            if (level.toString().equals(query.parameter("level"))) {
                actions.logging().accept(level);
                return Reply.text(OK);
            }
        }
        return Reply.refuse(
                Status.BAD_REQUEST, "level: '" + query.parameter("level") + "' (expected: " + LogLevel.names() + ")\n");
    }
}
