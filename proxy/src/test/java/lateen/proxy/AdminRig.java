package lateen.proxy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import lateen.proxy.admin.AdminActions;
import lateen.proxy.admin.AdminLimits;
import lateen.proxy.admin.AdminPages;
import lateen.proxy.admin.AdminPort;
import lateen.proxy.admin.AdminServer;
import lateen.proxy.admin.AdminSource;
import lateen.proxy.admin.Readiness;

/** An administration interface on ports that the kernel chooses. */
final class AdminRig implements AutoCloseable {
    final List<String> actions = Collections.synchronizedList(new ArrayList<>());
    volatile Readiness readiness = new Readiness.Live();
    volatile Supplier<String> configDump = () -> "{\"configs\": []}\n";
    private final AdminServer server;
    private final AdminPort admin;
    private final AdminPort health;
    private final AdminPort metrics;

    AdminRig(Proxy proxy, AdminLimits limits) throws Exception {
        AdminPages pages = new AdminPages(
                source(proxy, () -> configDump.get(), () -> readiness),
                new AdminActions(
                        () -> actions.add("quit"),
                        () -> actions.add("drain"),
                        () -> actions.add("drain inbound"),
                        () -> actions.add("reopen"),
                        level -> actions.add("level " + level)));
        admin = AdminPort.local("administration", 0, pages.administration());
        health = AdminPort.everywhere("readiness", 0, pages.health());
        metrics = AdminPort.everywhere("metrics", 0, pages.metrics());
        server = AdminServer.start(proxy.loop(), proxy.allocator(), limits, List.of(admin, health, metrics))
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
    }

    private static AdminSource source(Proxy proxy, Supplier<String> dump, Supplier<Readiness> readiness) {
        return new AdminSource(
                proxy::program,
                proxy::addresses,
                proxy.secrets(),
                proxy.stats(),
                dump,
                readiness,
                () -> Set.of("outbound|80||late"),
                "sidecar~10.0.0.1~a.b~b.svc",
                "0.1.0",
                InstantSource.system());
    }

    static AdminPages pages(Proxy proxy) {
        return new AdminPages(
                source(proxy, () -> "", Readiness.Live::new),
                new AdminActions(() -> {}, () -> {}, () -> {}, () -> {}, level -> {}));
    }

    List<InetSocketAddress> addresses() {
        return server.addresses(admin);
    }

    Wire admin() throws Exception {
        // The IPv6 address has a port of its own, because both are chosen by the kernel.
        InetSocketAddress v4 = server.addresses(admin).stream()
                .filter(each -> each.getAddress().getAddress().length == 4)
                .findFirst()
                .orElseThrow();
        return new Wire(v4);
    }

    Wire health() throws Exception {
        return wire(health);
    }

    Wire metrics() throws Exception {
        return wire(metrics);
    }

    private Wire wire(AdminPort port) throws Exception {
        return new Wire(new InetSocketAddress(
                InetAddress.getLoopbackAddress(),
                server.addresses(port).getFirst().getPort()));
    }

    /** Whole answer to a GET on the administration port. */
    String get(String path) throws Exception {
        return ask("GET", path);
    }

    String ask(String method, String path) throws Exception {
        try (Wire wire = admin()) {
            return wire.send(method + " " + path + " HTTP/1.1\r\nHost: localhost:15000\r\n\r\n")
                    .response();
        }
    }

    static String body(String response) {
        return response.substring(response.indexOf("\r\n\r\n") + 4);
    }

    @Override
    public void close() {
        server.close();
    }
}
