package lateen.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** What is measured, by the name that a chapter is asked for with. */
final class Chapters {

    /** Of wrk, in the chapters that count requests. */
    static final int CONNECTIONS = 32;

    private static final int BULK_CONNECTIONS = 4;
    private static final int BULK_BYTES = 16 << 20;
    private static final int HANDSHAKE_CLIENTS = 4;
    /** A gRPC message of 100 bytes: not compressed, its length, itself. */
    private static final byte[] MESSAGE = new byte[105];

    static {
        MESSAGE[4] = 100;
    }

    private final Machine machine;
    private final Contestants contestants;
    private final Effort effort;
    private final Map<String, Supplier<Report>> all = new LinkedHashMap<>();

    Chapters(Machine machine, Effort effort) {
        this.machine = machine;
        this.contestants = new Contestants(machine);
        this.effort = effort;
        Load requests = Wrk.requests(CONNECTIONS);
        all.put(
                "router",
                () -> behindNginx(backend -> new CpuChapter(
                                "HTTP/1.1, router only",
                                "request",
                                contestants.routersAndFloor(backend),
                                true,
                                requests,
                                effort)
                        .run()));
        all.put(
                "chain",
                () -> behindNginx(backend -> cpu(
                        "Mesh chain: two proxies, mTLS between, authorization by principal, access log",
                        "request",
                        contestants.chains(backend),
                        requests,
                        effort)));
        all.put("grpc", this::grpc);
        all.put(
                "tcp-small",
                () -> behindNginx(backend -> cpu(
                        "TCP, small requests",
                        "request",
                        contestants.tcpProxies(backend, "splice-auto"),
                        requests,
                        effort.half())));
        all.put("tcp-bulk", () -> behindNginx(this::bulk));
        all.put(
                "handshakes",
                () -> behindNginx(backend -> cpu(
                        "Full mTLS handshakes, TLS 1.3, one request each, none resumed",
                        "handshake",
                        contestants.servers(backend),
                        new Handshakes(HANDSHAKE_CLIENTS, machine.work()),
                        effort.half())));
        all.put(
                "latency",
                () -> behindNginx(
                        backend -> new OpenLoopChapter(contestants.routers(backend), backend, effort.half()).run()));
        all.put(
                "start",
                () -> behindNginx(backend -> {
                    Map<String, Map<String, Supplier<Peer>>> kinds = new LinkedHashMap<>();
                    kinds.put("router only", contestants.routers(backend));
                    kinds.put("mesh chain", contestants.chains(backend));
                    return new StartChapter(kinds, effort).run();
                }));
    }

    /** In the order of the report. */
    List<String> names() {
        return List.copyOf(all.keySet());
    }

    Report run(String name) {
        Supplier<Report> chapter = all.get(name);
        if (chapter == null) {
            throw new IllegalArgumentException(
                    "no chapter " + name + " (expected: " + String.join(", ", names()) + ")");
        }
        return chapter.get();
    }

    private interface Chapter {
        Report run(int backend);
    }

    private Report behindNginx(Chapter chapter) {
        int port = Machine.freePort();
        try (Peer backend = contestants.nginx(port)) {
            return chapter.run(backend.port());
        }
    }

    private Report grpc() {
        int port = Machine.freePort();
        try (Peer backend = contestants.nghttpd(port)) {
            // What is asked for to see that a proxy has started.
            Files.writeString(machine.work().resolve("index.html"), "started");
            Path message = Files.write(machine.work().resolve("message"), MESSAGE);
            return cpu(
                    "gRPC unary over HTTP/2, router only",
                    "call",
                    contestants.grpcRouters(backend.port()),
                    new GrpcCalls(4, 8, message),
                    effort.half());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Report bulk(int backend) {
        try {
            Files.write(machine.work().resolve("bulk"), new byte[BULK_BYTES]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return cpu(
                "TCP, bulk",
                "GB",
                // HAProxy's own guess does not splice here.
                contestants.tcpProxies(backend, "splice-response"),
                new Wrk(BULK_CONNECTIONS, "/bulk", BULK_BYTES / 1e9),
                effort.half());
    }

    private static Report cpu(
            String title, String unit, Map<String, Supplier<Peer>> starters, Load load, Effort effort) {
        return new CpuChapter(title, unit, starters, false, load, effort).run();
    }
}
