package lateen.cli.sidecar;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Security;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import lateen.decision.config.OverloadConfig;
import lateen.decision.config.ProxyConfig;
import lateen.decision.net.SocketAddr;
import lateen.identity.TrustBundle;
import lateen.proxy.Proxy;
import lateen.proxy.ProxySettings;
import lateen.proxy.admin.AdminActions;
import lateen.proxy.admin.AdminPages;
import lateen.proxy.admin.AdminPort;
import lateen.proxy.admin.AdminServer;
import lateen.proxy.admin.AdminSource;
import lateen.proxy.admin.Readiness;
import lateen.proxy.program.Compiler;
import lateen.proxy.restart.InheritedSockets;
import lateen.proxy.tls.SecretStore;
import lateen.xds.bootstrap.BootstrapFile;
import lateen.xds.bootstrap.StandaloneBootstrap;
import lateen.xds.client.ConfigSink;
import lateen.xds.client.ResourceClient;
import lateen.xds.client.SecretSink;
import lateen.xds.client.Status;
import lateen.xds.decode.SecretConfig;
import lateen.xds.text.Problem;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The proxy alone, told by a file and by the xDS servers that the file names. */
final class StandaloneProxy {

    private static final int FAILED = 1;
    /** Longer than any compilation; a proxy that is stuck must not hold the ACK back for ever. */
    private static final int APPLY_SECONDS = 30;
    /** Between two looks at whether there is something to serve. */
    private static final int READY_MILLIS = 20;

    private static final Logger LOG = LoggerFactory.getLogger(StandaloneProxy.class);

    private final StandaloneArguments arguments;
    private final StandaloneBootstrap bootstrap;
    private final PrintStream err;
    private final Proxy proxy;
    private final ResourceClient client;
    private final CompletableFuture<Integer> ended = new CompletableFuture<>();
    private final HotRestart restart;
    private final AtomicBoolean drained = new AtomicBoolean();
    private final AtomicBoolean inboundDrained = new AtomicBoolean();

    private StandaloneProxy(StandaloneArguments arguments, StandaloneBootstrap bootstrap, PrintStream err) {
        this.arguments = arguments;
        this.bootstrap = bootstrap;
        this.err = err;
        ProxySettings settings = ProxySettings.defaults().withWorkers(arguments.workers());
        OverloadConfig overload = bootstrap.overload();
        this.proxy = Proxy.start(overload == null ? settings : settings.withOverload(overload));
        this.restart = new HotRestart(arguments.restart(), proxy);
        this.client = bootstrap.client(this::apply, new Secrets(proxy.secrets()));
    }

    /**
     * Looks at the file, or runs until the process is told to stop.
     *
     * @return the exit status
     */
    static int run(StandaloneArguments arguments, PrintStream out, PrintStream err) throws IOException {
        return switch (checked(arguments.file())) {
            case StandaloneBootstrap.Read.Broken(List<Problem> problems) -> {
                problems.forEach(problem -> err.println("lateen proxy: " + problem));
                yield FAILED;
            }
            case StandaloneBootstrap.Read.Usable(StandaloneBootstrap bootstrap) -> {
                withoutEffect(arguments, bootstrap, err);
                if (arguments.validate()) {
                    out.println("configuration '" + arguments.file().name() + "' OK");
                    yield 0;
                }
                yield new StandaloneProxy(arguments, bootstrap, err).run();
            }
        };
    }

    /** What the decoders take may still contradict itself when it is put together. */
    private static StandaloneBootstrap.Read checked(BootstrapFile file) throws IOException {
        StandaloneBootstrap.Read read = StandaloneBootstrap.read(file);
        if (read instanceof StandaloneBootstrap.Read.Usable(StandaloneBootstrap bootstrap)) {
            List<Problem> problems = Compiler.problems(bootstrap.config()).stream()
                    .map(text -> bootstrap.located(file.name(), text))
                    .toList();
            return problems.isEmpty() ? read : new StandaloneBootstrap.Read.Broken(problems);
        }
        return read;
    }

    private static void withoutEffect(StandaloneArguments arguments, StandaloneBootstrap bootstrap, PrintStream err) {
        if (!bootstrap.withoutEffect().isEmpty()) {
            err.println("lateen proxy: accepted without effect: " + String.join(", ", bootstrap.withoutEffect()));
        }
        if (!arguments.withoutEffect().isEmpty()) {
            err.println("lateen proxy: accepted without effect: " + String.join(" ", arguments.withoutEffect()));
        }
    }

    private int run() throws IOException {
        Undumpable.become();
        ColdPages.keepLettingGo();
        // Clusters say themselves how long an answer is good; read when the JDK first looks a name up.
        Security.setProperty("networkaddress.cache.ttl", "0");
        Security.setProperty("networkaddress.cache.negative.ttl", "0");
        if (arguments.logLevel() != null) {
            Administration.logging(arguments.logLevel());
        }
        @Nullable AdminServer administration;
        try {
            administration = administration(restart.take());
            restart.offer(administration, limit -> handOver(administration, limit));
        } catch (IOException e) {
            client.close();
            proxy.close();
            throw e;
        }
        client.start();
        Thread stop = new Thread(() -> stop(administration), "lateen-stop");
        Runtime.getRuntime().addShutdownHook(stop);
        serve(administration);
        int status = ended.join();
        try {
            Runtime.getRuntime().removeShutdownHook(stop);
        } catch (IllegalStateException stopping) {
            // The hook runs, and it was what ended this.
            return status;
        }
        if (status == 0) {
            stop(administration);
        } else {
            client.close();
            if (administration != null) {
                administration.close();
            }
            proxy.close();
        }
        return status;
    }

    /** The administration interface answers; after a restart only when there is something to serve. */
    private void serve(@Nullable AdminServer administration) {
        try {
            while (restart.hasBefore() && !client.status().ready() && !ended.isDone()) {
                ended.copy()
                        .completeOnTimeout(0, READY_MILLIS, TimeUnit.MILLISECONDS)
                        .join();
            }
            if (ended.isDone()) {
                return;
            }
            if (administration != null) {
                administration.accept();
            }
            restart.serve();
        } catch (IOException e) {
            LOG.warn("{}; this process serves", e.getMessage());
        }
    }

    /** The next process serves. On an event loop. */
    private void handOver(@Nullable AdminServer administration, Duration limit) {
        if (drained.compareAndSet(false, true)) {
            if (administration != null) {
                administration.leave();
            }
            var _ = proxy.handOver(limit).thenRun(() -> ended.complete(0));
            // What it still has to serve needs no news, and the next process asks under the same name.
            Thread.ofVirtual().start(client::close);
        }
    }

    /** Connections get time to end. */
    private void stop(@Nullable AdminServer administration) {
        client.close();
        restart.close();
        Shutdown.of(proxy, administration);
        ended.complete(0);
    }

    private ConfigSink.Outcome apply(ProxyConfig config) {
        if (drained.get()) {
            return new ConfigSink.Outcome.Refused("the proxy drains");
        }
        try {
            return switch (proxy.accept(config).toCompletableFuture().get(APPLY_SECONDS, TimeUnit.SECONDS)) {
                case Proxy.Acceptance.Accepted() -> new ConfigSink.Outcome.Accepted();
                case Proxy.Acceptance.Rejected rejected -> {
                    if (!client.status().ready() && concernsStatic(rejected.problems())) {
                        // It never served: whoever started it sees at once that it cannot.
                        rejected.problems().forEach(problem -> err.println("lateen proxy: " + problem));
                        ended.complete(FAILED);
                    }
                    yield new ConfigSink.Outcome.Refused(rejected.reason());
                }
            };
        } catch (ExecutionException | TimeoutException e) {
            LOG.error("a configuration could not be put into effect", e);
            return new ConfigSink.Outcome.Refused("not put into effect: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new ConfigSink.Outcome.Refused("the proxy stops");
        }
    }

    private boolean concernsStatic(List<String> problems) {
        return bootstrap.isStatic()
                || bootstrap.staticListeners().stream()
                        .anyMatch(
                                name -> problems.stream().anyMatch(each -> each.startsWith("listener '" + name + "'")));
    }

    private Readiness readiness() {
        if (drained.get() || inboundDrained.get() || ended.isDone()) {
            return new Readiness.Draining("told so by this interface");
        }
        Status status = client.status();
        return status.ready()
                ? new Readiness.Live()
                : new Readiness.Initializing(
                        status.lastError() != null
                                ? "no configuration yet: " + status.lastError()
                                : !status.rejections().isEmpty()
                                        ? "the first configuration was refused: " + status.rejections()
                                        : "waiting for the first configuration" + status.warming());
    }

    private @Nullable AdminServer administration(InheritedSockets inherited) throws IOException {
        SocketAddr at = bootstrap.admin();
        if (at == null) {
            return null;
        }
        AdminPages pages = new AdminPages(
                new AdminSource(
                        proxy::program,
                        proxy::addresses,
                        proxy.secrets(),
                        proxy.stats(),
                        () -> bootstrap.configDump(client.resources()),
                        this::readiness,
                        () -> client.status().warming(),
                        bootstrap.node(),
                        Administration.VERSION,
                        InstantSource.system()),
                new AdminActions(
                        () -> ended.complete(0),
                        this::drain,
                        this::drainInbound,
                        proxy::reopenLogs,
                        Administration::logging));
        AdminPort port = new AdminPort(
                "administration",
                List.of(new InetSocketAddress(at.ip().toInetAddress(), at.port())),
                at.ip().isLoopback(),
                pages.administration());
        AdminServer server = Administration.bind(proxy, List.of(port), inherited);
        tellAddress(server, port);
        return server;
    }

    private void tellAddress(AdminServer server, AdminPort port) throws IOException {
        Path file = arguments.adminAddress();
        if (file != null) {
            InetSocketAddress address = server.addresses(port).getFirst();
            Files.writeString(file, address.getAddress().getHostAddress() + ":" + address.getPort());
        }
    }

    private void drainInbound() {
        if (inboundDrained.compareAndSet(false, true)) {
            LOG.info(
                    "inbound drains for at most {} s: told so by /drain_listeners",
                    arguments.drain().toSeconds());
            var _ = proxy.drainInbound(arguments.drain(), true);
        }
    }

    private void drain() {
        if (drained.compareAndSet(false, true)) {
            LOG.info(
                    "draining for at most {} s: told so by /drain_listeners",
                    arguments.drain().toSeconds());
            var _ = proxy.drain(arguments.drain());
        }
    }

    /** Peers have whatever names their certificates carry. */
    private record Secrets(SecretStore store) implements SecretSink {
        @Override
        public void put(SecretConfig secret) {
            switch (secret) {
                case SecretConfig.Roots(String name, String pem) ->
                    store.trust(name, new SecretStore.Roots(TrustBundle.fromPem(pem), false));
                case SecretConfig.Certificate(String name, var material) -> store.certificate(name, material);
            }
        }

        @Override
        public void forget(String name) {
            store.forget(name);
        }
    }
}
