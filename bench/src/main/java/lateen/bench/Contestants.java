package lateen.bench;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** How each contestant is started, by its name in the tables; Lateen is the first of each kind. */
final class Contestants {

    static final String LATEEN = "Lateen";
    static final String ENVOY = "Envoy";
    private static final String HAPROXY = "HAProxy";
    private static final String FLOOR = "HAProxy, TCP";

    private final Machine machine;

    Contestants(Machine machine) {
        this.machine = machine;
    }

    /** HTTP/1.1, the router filter alone. */
    Map<String, Supplier<Peer>> routers(int backend) {
        return twins("router.json", backend);
    }

    /** With HAProxy, and with HAProxy looking at bytes only: nobody who stands between gets below that. */
    Map<String, Supplier<Peer>> routersAndFloor(int backend) {
        Map<String, Supplier<Peer>> peers = routers(backend);
        peers.put(HAPROXY, () -> haproxy(HAPROXY, "haproxy.cfg", backend));
        peers.put(FLOOR, () -> haproxyTcp(backend, "splice-auto"));
        return peers;
    }

    Map<String, Supplier<Peer>> grpcRouters(int backend) {
        Map<String, Supplier<Peer>> peers = twins("grpc.json", backend);
        peers.put(HAPROXY, () -> haproxy(HAPROXY, "haproxy-grpc.cfg", backend));
        return peers;
    }

    /** @param splice HAProxy's option */
    Map<String, Supplier<Peer>> tcpProxies(int backend, String splice) {
        Map<String, Supplier<Peer>> peers = twins("tcp.json", backend);
        peers.put(FLOOR, () -> haproxyTcp(backend, splice));
        return peers;
    }

    /** Two proxies each, mTLS between, authorization by principal, access log. */
    Map<String, Supplier<Peer>> chains(int backend) {
        Map<String, Supplier<Peer>> peers = new LinkedHashMap<>();
        peers.put(LATEEN, () -> chain(LATEEN, backend, machine::lateen));
        peers.put(ENVOY, () -> chain(ENVOY, backend, machine::envoy));
        return peers;
    }

    /** The chain's second proxy alone: who asks must bring the certificate. */
    Map<String, Supplier<Peer>> servers(int backend) {
        Map<String, Supplier<Peer>> peers = new LinkedHashMap<>();
        peers.put(LATEEN, () -> server(LATEEN, backend, machine::lateen));
        peers.put(ENVOY, () -> server(ENVOY, backend, machine::envoy));
        return peers;
    }

    Peer nginx(int port) {
        Path config = machine.config("nginx.conf", "nginx.conf", Map.of("BACKEND", port));
        List<String> command = List.of("nginx", "-c", config.toString());
        return Peer.start("nginx", port, Machine.LOAD_CORE, machine.log("nginx"), List.of(command));
    }

    /** Answers with what it is sent and a status, as a gRPC echo does. */
    Peer nghttpd(int port) {
        List<String> command = List.of(
                "nghttpd",
                "--no-tls",
                "--echo-upload",
                "--trailer=grpc-status: 0",
                "-d",
                machine.work().toString(),
                Integer.toString(port));
        return Peer.listening("nghttpd", port, Machine.LOAD_CORE, machine.log("nghttpd"), command);
    }

    /** Makes the command line of a proxy on a file of Envoy's format. */
    private interface Program {
        List<String> on(Path config);
    }

    /** Lateen and Envoy on the same file. */
    private Map<String, Supplier<Peer>> twins(String template, int backend) {
        Map<String, Supplier<Peer>> peers = new LinkedHashMap<>();
        peers.put(LATEEN, () -> single(LATEEN, template, backend, machine::lateen));
        peers.put(ENVOY, () -> single(ENVOY, template, backend, machine::envoy));
        return peers;
    }

    private Peer single(String name, String template, int backend, Program program) {
        int port = Machine.freePort();
        Path config = machine.config(template, name + "-" + template, Map.of("PORT", port, "BACKEND", backend));
        return start(name, port, List.of(program.on(config)));
    }

    private Peer haproxy(String name, String template, int backend) {
        return single(name, template, backend, machine::haproxy);
    }

    private Peer haproxyTcp(int backend, String splice) {
        int port = Machine.freePort();
        Path config = machine.config(
                "haproxy-tcp.cfg", "haproxy-tcp.cfg", Map.of("PORT", port, "BACKEND", backend, "SPLICE", splice));
        return start(FLOOR, port, List.of(machine.haproxy(config)));
    }

    private Peer chain(String name, int backend, Program program) {
        int near = Machine.freePort();
        int far = Machine.freePort();
        return start(
                name,
                near,
                List.of(
                        program.on(meshConfig("mesh-server.json", name + "-server", far, backend)),
                        program.on(meshConfig("mesh-client.json", name + "-client", near, far))));
    }

    private Peer server(String name, int backend, Program program) {
        int port = Machine.freePort();
        Path config = meshConfig("mesh-server.json", name + "-server", port, backend);
        return Peer.listening(name, port, Machine.PROXY_CORE, machine.log(name), program.on(config));
    }

    private Path meshConfig(String template, String name, int port, int next) {
        return machine.config(template, name + ".json", Map.of("PORT", port, "NEXT", next, "NAME", name));
    }

    private Peer start(String name, int port, List<List<String>> commands) {
        return Peer.start(name, port, Machine.PROXY_CORE, machine.log(name), commands);
    }
}
