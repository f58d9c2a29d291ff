package lateen.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Runs the chapters (router only; the mesh chain with mTLS, authorization and access log) and writes the table.
 *
 * <p>Arguments: Envoy's binary, the work folder (certificates are there already), the project's folder, rounds, seconds
 * a round, seconds of warm-up, the report's file. Exits 1 with the reason when any run had a failed request.
 */
public final class SideBySide {

    private static final int PROXY_CORE = 0;
    private static final int LOAD_CORE = 1;
    private static final int CONNECTIONS = 32;
    private static final int BACKEND = 18100;
    private static final int GRPC_BACKEND = 18120;
    /** A gRPC message of 100 bytes: not compressed, its length, itself. */
    private static final byte[] MESSAGE = new byte[105];

    static {
        MESSAGE[4] = 100;
    }

    private final String envoy;
    private final Path work;
    private final Path project;
    private final int rounds;
    private final int seconds;
    private final int warmUp;
    private final StringBuilder report = new StringBuilder();

    private SideBySide(String[] arguments) {
        envoy = arguments[0];
        work = Path.of(arguments[1]);
        project = Path.of(arguments[2]);
        rounds = Integer.parseInt(arguments[3]);
        seconds = Integer.parseInt(arguments[4]);
        warmUp = Integer.parseInt(arguments[5]);
    }

    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 7) {
            throw new IllegalArgumentException("expected: ENVOY WORK PROJECT ROUNDS SECONDS WARMUP REPORT, got "
                    + arguments.length + " arguments");
        }
        SideBySide bench = new SideBySide(arguments);
        Path nginx = bench.config("nginx.conf", "nginx.conf", Map.of("BACKEND", BACKEND));
        try (Peer backend = Peer.start(
                "nginx", BACKEND, LOAD_CORE, bench.log("nginx"), List.of(List.of("nginx", "-c", nginx.toString())))) {
            Load requests = new Wrk(CONNECTIONS);
            bench.chapter("HTTP/1.1, router only", bench.routers(), requests);
            bench.chapter(
                    "Mesh chain: two proxies, mTLS between, authorization by principal, access log",
                    bench.chains(),
                    requests);
        }
        Path message = Files.write(bench.work.resolve("message"), MESSAGE);
        try (Peer backend =
                Peer.listening("nghttpd", GRPC_BACKEND, LOAD_CORE, bench.log("nghttpd"), bench.grpcBackend())) {
            bench.chapter("gRPC unary over HTTP/2, router only", bench.grpcRouters(), new GrpcCalls(4, 8, message));
        }
        Files.writeString(Path.of(arguments[6]), bench.report);
        System.out.print(bench.report);
    }

    /**
     * @param cpu microseconds a request, one figure a round
     * @param rate requests a second, one figure a round
     */
    private record Contestant(Peer peer, Series cpu, Series rate) {}

    private interface Starter {
        Peer start() throws IOException;
    }

    private Map<String, Starter> routers() {
        Map<String, Starter> peers = new LinkedHashMap<>();
        peers.put(
                "Lateen",
                () -> single("Lateen", 18101, lateen(config("router.json", "l.json", ports(18101, BACKEND)))));
        peers.put(
                "Envoy",
                () -> single("Envoy", 18102, envoy(config("router.json", "e.json", ports(18102, BACKEND)), 1)));
        peers.put(
                "HAProxy",
                () -> single(
                        "HAProxy",
                        18103,
                        List.of(
                                "haproxy",
                                "-db",
                                "-q",
                                "-f",
                                config("haproxy.cfg", "h.cfg", ports(18103, BACKEND))
                                        .toString())));
        return peers;
    }

    /** Answers with what it is sent and a status, as a gRPC echo does. */
    private List<String> grpcBackend() {
        return List.of(
                "nghttpd",
                "--no-tls",
                "--echo-upload",
                "--trailer=grpc-status: 0",
                "-d",
                work.toString(),
                Integer.toString(GRPC_BACKEND));
    }

    private Map<String, Starter> grpcRouters() {
        Map<String, Starter> peers = new LinkedHashMap<>();
        peers.put(
                "Lateen",
                () -> single("Lateen", 18121, lateen(config("grpc.json", "gl.json", ports(18121, GRPC_BACKEND)))));
        peers.put(
                "Envoy",
                () -> single("Envoy", 18122, envoy(config("grpc.json", "ge.json", ports(18122, GRPC_BACKEND)), 3)));
        peers.put(
                "HAProxy",
                () -> single(
                        "HAProxy",
                        18123,
                        List.of(
                                "haproxy",
                                "-db",
                                "-q",
                                "-f",
                                config("haproxy-grpc.cfg", "gh.cfg", ports(18123, GRPC_BACKEND))
                                        .toString())));
        return peers;
    }

    private Map<String, Starter> chains() {
        Map<String, Starter> peers = new LinkedHashMap<>();
        peers.put("Lateen", () -> {
            Path client = chain("mesh-client.json", "lateen-client", 18111, 18112);
            Path server = chain("mesh-server.json", "lateen-server", 18112, BACKEND);
            return Peer.start("Lateen", 18111, PROXY_CORE, log("Lateen"), List.of(lateen(server), lateen(client)));
        });
        peers.put("Envoy", () -> {
            Path client = chain("mesh-client.json", "envoy-client", 18113, 18114);
            Path server = chain("mesh-server.json", "envoy-server", 18114, BACKEND);
            return Peer.start("Envoy", 18113, PROXY_CORE, log("Envoy"), List.of(envoy(server, 1), envoy(client, 2)));
        });
        return peers;
    }

    private Peer single(String name, int port, List<String> command) {
        return Peer.start(name, port, PROXY_CORE, log(name), List.of(command));
    }

    private List<String> lateen(Path config) {
        return List.of(
                project.resolve("bin/lateen").toString(), "proxy", "-c", config.toString(), "--concurrency", "1");
    }

    private List<String> envoy(Path config, int id) {
        return List.of(
                envoy,
                "-c",
                config.toString(),
                "--concurrency",
                "1",
                "--base-id",
                Integer.toString(71 + id),
                "-l",
                "error");
    }

    private void chapter(String title, Map<String, Starter> starters, Load load) throws IOException {
        System.out.println("bench: " + title);
        List<Contestant> contestants = new ArrayList<>();
        try {
            for (Map.Entry<String, Starter> starter : starters.entrySet()) {
                contestants.add(new Contestant(starter.getValue().start(), new Series(), new Series()));
            }
            for (Contestant contestant : contestants) {
                Peer peer = contestant.peer();
                System.out.println("bench:   warming up " + peer.name() + " for " + warmUp + " s");
                load.run(peer.port(), LOAD_CORE, warmUp);
            }
            for (int round = 0; round < rounds; round++) {
                for (Contestant contestant : round % 2 == 0 ? contestants : contestants.reversed()) {
                    Peer peer = contestant.peer();
                    long before = peer.cpuMicros();
                    Load.Outcome run = load.run(peer.port(), LOAD_CORE, seconds);
                    double micros = (peer.cpuMicros() - before) / (double) run.requests();
                    contestant.cpu().add(micros);
                    contestant.rate().add(run.perSecond());
                    System.out.printf(
                            Locale.ROOT,
                            "bench:   round %d/%d  %-8s %6.1f µs a request, %,.0f requests/s%n",
                            round + 1,
                            rounds,
                            peer.name(),
                            micros,
                            run.perSecond());
                }
            }
            write(title, contestants);
        } finally {
            contestants.forEach(contestant -> contestant.peer().close());
        }
    }

    private void write(String title, List<Contestant> contestants) {
        report.append("### ").append(title).append("\n\n");
        report.append(
                "| | CPU µs a request | Lateen ÷ it | requests/s | resident MB | proportional MB | start to first 200, ms |\n");
        report.append("|---|---|---|---|---|---|---|\n");
        Series ours = contestants.getFirst().cpu();
        for (Contestant contestant : contestants) {
            Peer peer = contestant.peer();
            report.append("| ").append(peer.name());
            report.append(" | ").append(contestant.cpu().text("%.1f"));
            report.append(" | ").append(ours.over(contestant.cpu()).text("%.2f"));
            report.append(" | ")
                    .append(String.format(
                            Locale.ROOT, "%,.0f", contestant.rate().median()));
            report.append(" | ").append(megabytes(peer.residentMegabytes()));
            report.append(" | ").append(megabytes(peer.proportionalMegabytes()));
            report.append(" | ").append(peer.startToFirstAnswer().toMillis()).append(" |\n");
        }
        report.append('\n');
    }

    private static String megabytes(List<Double> values) {
        return values.stream().map(v -> String.format(Locale.ROOT, "%.0f", v)).collect(Collectors.joining(" + "));
    }

    private Path chain(String template, String name, int port, int next) throws IOException {
        return config(template, name + ".json", Map.of("PORT", port, "NEXT", next, "NAME", name));
    }

    private static Map<String, Object> ports(int port, int backend) {
        return Map.of("PORT", port, "BACKEND", backend);
    }

    /** Fills a template of bench/config; {@code @DIR@} is always the work folder. */
    private Path config(String template, String name, Map<String, ?> values) throws IOException {
        String text = Files.readString(project.resolve("bench/config").resolve(template))
                .replace("@DIR@", work.toString());
        for (Map.Entry<String, ?> value : values.entrySet()) {
            text = text.replace("@" + value.getKey() + "@", value.getValue().toString());
        }
        return Files.writeString(work.resolve(name), text);
    }

    private Path log(String name) {
        return work.resolve(name + ".out");
    }
}
