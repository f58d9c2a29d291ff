package lateen.cli.sidecar;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import lateen.decision.net.SocketAddr;
import lateen.proxy.Proxy;
import lateen.proxy.ProxySettings;
import lateen.proxy.admin.AdminActions;
import lateen.proxy.admin.AdminPages;
import lateen.proxy.admin.AdminPort;
import lateen.proxy.admin.AdminServer;
import lateen.proxy.admin.AdminSource;
import lateen.proxy.admin.Readiness;
import lateen.xds.bootstrap.StaticBootstrap;
import org.jspecify.annotations.Nullable;

/** The proxy alone, told by a file once. */
final class StaticProxy {

    /** For those who let it drain without stopping it. */
    private static final Duration DRAIN_BY_ADMIN = Duration.ofSeconds(45);

    private StaticProxy() {}

    /**
     * Runs until the process is told to stop.
     *
     * @throws IllegalArgumentException when the file, or what it asks for, cannot be used
     */
    static int run(Path file, int workers) throws IOException {
        Undumpable.become();
        StaticBootstrap bootstrap = StaticBootstrap.read(file);
        Proxy proxy = Proxy.start(ProxySettings.defaults().withWorkers(workers));
        bootstrap.trust().forEach(proxy.secrets()::trust);
        bootstrap.certificates().forEach(proxy.secrets()::certificate);
        switch (proxy.accept(bootstrap.config()).toCompletableFuture().join()) {
            case Proxy.Acceptance.Accepted() -> {}
            case Proxy.Acceptance.Rejected rejected -> {
                proxy.close();
                throw new IllegalArgumentException(rejected.reason());
            }
        }
        CompletableFuture<Integer> stopped = new CompletableFuture<>();
        @Nullable AdminServer administration = administration(bootstrap, proxy, stopped);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            Shutdown.of(proxy, administration);
            stopped.complete(0);
        }));
        return stopped.join();
    }

    private static @Nullable AdminServer administration(
            StaticBootstrap bootstrap, Proxy proxy, CompletableFuture<Integer> stopped) throws IOException {
        SocketAddr at = bootstrap.admin();
        if (at == null) {
            return null;
        }
        AtomicBoolean drained = new AtomicBoolean();
        AdminPages pages = new AdminPages(
                new AdminSource(
                        proxy::program,
                        proxy::addresses,
                        proxy.secrets(),
                        proxy.stats(),
                        bootstrap.configDump(),
                        () -> drained.get() || stopped.isDone()
                                ? new Readiness.Draining("told so by this interface")
                                : new Readiness.Live(),
                        List::of,
                        bootstrap.node(),
                        Administration.VERSION,
                        InstantSource.system()),
                new AdminActions(
                        () -> stopped.complete(0),
                        () -> {
                            if (drained.compareAndSet(false, true)) {
                                var _ = proxy.drain(DRAIN_BY_ADMIN);
                            }
                        },
                        Administration::logging));
        AdminPort port = new AdminPort(
                "administration",
                List.of(new InetSocketAddress(at.ip().toInetAddress(), at.port())),
                at.ip().isLoopback(),
                pages.administration());
        try {
            return Administration.open(proxy, List.of(port));
        } catch (IOException e) {
            proxy.close();
            throw e;
        }
    }
}
