package lateen.cli.sidecar;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import lateen.proxy.Proxy;
import lateen.proxy.ProxySettings;
import lateen.xds.bootstrap.StaticBootstrap;

/** The proxy alone, told by a file once. */
final class StaticProxy {

    private static final Duration DRAIN = Duration.ofSeconds(5);

    private StaticProxy() {}

    /**
     * Runs until the process is told to stop.
     *
     * @throws IllegalArgumentException when the file, or what it asks for, cannot be used
     */
    static int run(Path file, int workers) throws IOException {
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
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                proxy.drain(DRAIN).toCompletableFuture().get(DRAIN.toSeconds() + 1, TimeUnit.SECONDS);
            } catch (InterruptedException | ExecutionException | TimeoutException e) {
                System.err.println("lateen proxy: not drained: " + e);
            }
            proxy.close();
            stopped.complete(0);
        }));
        return stopped.join();
    }
}
