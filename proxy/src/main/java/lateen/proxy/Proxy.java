package lateen.proxy;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import lateen.decision.config.ProxyConfig;
import lateen.proxy.accesslog.LogThread;
import lateen.proxy.cluster.Cluster;
import lateen.proxy.cluster.Host;
import lateen.proxy.listener.BoundListeners;
import lateen.proxy.listener.ConnectionStart;
import lateen.proxy.loop.Channels;
import lateen.proxy.loop.SteadyEpoll;
import lateen.proxy.loop.Worker;
import lateen.proxy.outlier.OutlierDetector;
import lateen.proxy.overload.OverloadThread;
import lateen.proxy.program.Compiler;
import lateen.proxy.program.Live;
import lateen.proxy.program.Program;
import lateen.proxy.restart.InheritedSockets;
import lateen.proxy.stats.Stats;
import lateen.proxy.tls.SecretStore;

/**
 * A running data plane. Any thread may call; nothing here blocks.
 *
 * <p>{@link #accept} compiles on a thread of its own, one configuration after the other, and swaps one reference;
 * connections and requests go on with the program that they started with.
 */
public final class Proxy implements AutoCloseable {
    static {
        // The JDK's TLS, which half-closing connections use, refuses Istio's server names: outbound_.9000_._.host has
        // underscores, and is no host name to it. Nobody asks it for them: ClientHello reads them. Read when the JDK
        // first does TLS.
        System.setProperty("jdk.tls.server.disableExtensions", "server_name");
    }

    private final MultiThreadIoEventLoopGroup group;
    private final Live live;
    private final BoundListeners listeners;
    private final Compiler compiler;
    private final ExecutorService configuration;
    private final OverloadThread overload;
    private final LogThread logThread = new LogThread().start();
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    /** Tail of the queue of configurations. */
    private CompletableFuture<Acceptance> last = CompletableFuture.completedFuture(new Acceptance.Accepted());

    private Proxy(ProxySettings settings) {
        group = new MultiThreadIoEventLoopGroup(
                settings.workers(), new DefaultThreadFactory("lateen-worker", true), SteadyEpoll.newFactory());
        PooledByteBufAllocator allocator = Buffers.allocator(settings.workers());
        List<Worker> workers = new ArrayList<>();
        for (int i = 0; i < settings.workers(); i++) {
            workers.add(new Worker(i, (EventLoop) group.next(), allocator, settings.clock(), settings.upstreamMark()));
        }
        live = new Live(settings, workers, allocator);
        gauges(live.telemetry().stats(), allocator);
        workers.forEach(each -> each.start(live.pools(each)::sweep));
        Worker first = workers.getFirst();
        first.loop()
                .scheduleWithFixedDelay(
                        () -> lookAtOutliers(live), Worker.TICK_MILLIS, Worker.TICK_MILLIS, TimeUnit.MILLISECONDS);
        listeners = new BoundListeners(
                workers, (listener, channel, worker) -> ConnectionStart.on(live, listener, channel, worker));
        overload = new OverloadThread(live.overload(), settings.overload().refresh(), listeners::accepting);
        compiler = new Compiler(
                live.secrets(), settings.clock(), logThread, live.telemetry().proxy());
        ThreadPoolExecutor one = new ThreadPoolExecutor(
                1,
                1,
                5,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                new DefaultThreadFactory("lateen-config", true));
        one.allowCoreThreadTimeOut(true);
        configuration = one;
    }

    private static void lookAtOutliers(Live live) {
        List<OutlierDetector> all = live.program().outliers();
        if (!all.isEmpty()) {
            long now = System.nanoTime();
            all.forEach(each -> each.tick(now));
        }
    }

    private void gauges(Stats stats, PooledByteBufAllocator allocator) {
        stats.gauge(
                "lateen_access_log_dropped",
                "Lines of the access log that were dropped because it could not keep up.",
                logThread::droppedEntries);
        stats.gauge(
                "lateen_buffers_bytes",
                "Direct memory that the event loops hold for buffers, in use or not.",
                () -> allocator.metric().usedDirectMemory());
        stats.gauge("lateen_buffers_used_bytes", "Direct memory of buffers in use.", allocator::pinnedDirectMemory);
    }

    /**
     * Starts the event loops; without configuration nothing listens yet.
     *
     * @throws IllegalStateException when the kernel does not let this process mark its sockets and it is to
     */
    public static Proxy start(ProxySettings settings) {
        Channels.checkMark(settings.upstreamMark());
        return new Proxy(settings);
    }

    /** What became of a configuration. */
    public sealed interface Acceptance {
        /** It is in effect. */
        record Accepted() implements Acceptance {}

        /**
         * The one before stays in effect.
         *
         * @param problems each with what, where and what was expected
         * @param unbound the configuration is good, but a port of it could not be had
         */
        record Rejected(List<String> problems, boolean unbound) implements Acceptance {
            Rejected(List<String> problems) {
                this(problems, false);
            }

            /** All problems in one line, as for an ACK's error detail. */
            public String reason() {
                return String.join("; ", problems);
            }
        }
    }

    /**
     * Puts a configuration into effect, after those handed over before it. What is the same object as before is not
     * compiled again.
     *
     * @return completes when it is in effect with its ports bound, or refused as a whole
     */
    public synchronized CompletionStage<Acceptance> accept(ProxyConfig config) {
        last = last.exceptionally(failed -> new Acceptance.Accepted())
                .thenComposeAsync(before -> apply(config), configuration);
        return last;
    }

    private CompletionStage<Acceptance> apply(ProxyConfig config) {
        Program before = live.program();
        return switch (compiler.compile(config, before)) {
            case Compiler.Outcome.Refused(List<String> problems) ->
                CompletableFuture.completedFuture(new Acceptance.Rejected(problems));
            case Compiler.Outcome.Ready(Program next) ->
                listeners
                        .prepare(config.listeners().values())
                        .thenApplyAsync(
                                change -> {
                                    if (!change.problems().isEmpty()) {
                                        change.undo();
                                        return new Acceptance.Rejected(change.problems(), true);
                                    }
                                    live.swap(next);
                                    next.clusters().values().forEach(Cluster::inEffect);
                                    change.finish();
                                    drainRemoved(before, next);
                                    return new Acceptance.Accepted();
                                },
                                configuration);
        };
    }

    private void drainRemoved(Program before, Program next) {
        before.clusters().forEach((name, cluster) -> {
            Cluster after = next.cluster(name);
            if (after == null) {
                live.telemetry().proxy().forgetCluster(name);
            }
            if (cluster.outliers() != null && (after == null || after.outliers() == null)) {
                live.telemetry().proxy().forgetOutliers(name);
            }
        });
        Set<Host> gone = Collections.newSetFromMap(new IdentityHashMap<>());
        before.clusters().forEach((name, cluster) -> {
            if (next.clusters().get(name) != cluster) {
                gone.addAll(cluster.hosts());
            }
        });
        if (gone.isEmpty()) {
            return;
        }
        next.clusters().values().forEach(cluster -> gone.removeAll(cluster.hosts()));
        live.workers()
                .forEach(
                        worker -> worker.loop().execute(() -> live.pools(worker).drain(gone)));
    }

    /** Where certificates and roots are handed over. */
    public SecretStore secrets() {
        return live.secrets();
    }

    /** All that this proxy counts. */
    public Stats stats() {
        return live.telemetry().stats();
    }

    /** The program in effect, for the admin interface. */
    public Program program() {
        return live.program();
    }

    /** One of the event loops, for what runs beside the traffic and takes little of it, as the admin interface. */
    public EventLoop loop() {
        return live.workers().getFirst().loop();
    }

    /** What connections on {@link #loop} allocate from. */
    public ByteBufAllocator allocator() {
        return live.workers().getFirst().allocator();
    }

    /** Where a listener listens; empty: it is not there, or has no socket of its own. */
    public List<InetSocketAddress> addresses(String listener) {
        return listeners.addresses(listener);
    }

    /**
     * Stops gracefully: no new connections; HTTP answers carry {@code Connection: close}; then what is left is closed.
     *
     * @param limit how long connections may take to end by themselves
     * @return completes when no connection is left
     */
    public CompletionStage<Void> drain(Duration limit) {
        listeners.close();
        return drain(limit, false);
    }

    /** Sockets of a process before this one, whose listeners need not be bound. Before the first configuration. */
    public void inherit(InheritedSockets sockets) {
        listeners.inherit(sockets);
    }

    /** The listening sockets, for a process after this one. */
    public Map<String, FileDescriptor> descriptors() {
        return listeners.descriptors();
    }

    /** Number of open connections of clients. */
    public long connections() {
        return live.overload().connections();
    }

    /**
     * As {@link #drain}, while another process takes what comes to the listening sockets: no client notices, as long as
     * its connections end within the limit.
     */
    public CompletionStage<Void> handOver(Duration limit) {
        listeners.leave();
        return drain(limit, true);
    }

    private CompletionStage<Void> drain(Duration limit, boolean unnoticed) {
        live.telemetry().draining();
        live.workers().forEach(worker -> worker.loop().execute(() -> worker.drain(unnoticed)));
        return gone(limit, Worker::openConnections, Worker::closeAll);
    }

    /**
     * Inbound listeners take no more connections, for good, and those that they took end; all others go on. So what is
     * still asked of the workload can be answered, with the help of what it asks of others.
     *
     * @param limit how long inbound connections may take to end by themselves
     * @param unnoticed no client is to notice, as long as its connections end within the limit
     * @return completes when no inbound connection is left
     */
    public CompletionStage<Void> drainInbound(Duration limit, boolean unnoticed) {
        configuration.execute(listeners::closeInbound);
        live.workers().forEach(worker -> worker.loop().execute(() -> worker.drainInbound(unnoticed)));
        return gone(limit, Worker::openInbound, Worker::closeInbound);
    }

    private CompletionStage<Void> gone(Duration limit, ToIntFunction<Worker> open, Consumer<Worker> close) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        AtomicInteger left = new AtomicInteger(live.workers().size());
        long deadline = System.nanoTime() + limit.toNanos();
        for (Worker worker : live.workers()) {
            worker.loop()
                    .execute(() -> await(worker, deadline, open, close, () -> {
                        if (left.decrementAndGet() == 0) {
                            done.complete(null);
                        }
                    }));
        }
        return done;
    }

    private static void await(
            Worker worker, long deadline, ToIntFunction<Worker> open, Consumer<Worker> close, Runnable empty) {
        if (System.nanoTime() - deadline >= 0) {
            close.accept(worker);
        }
        if (open.applyAsInt(worker) == 0) {
            empty.run();
        } else {
            worker.loop().schedule(() -> await(worker, deadline, open, close, empty), 20, TimeUnit.MILLISECONDS);
        }
    }

    /** Access logs that were moved away (by a rotation) are opened anew. */
    public void reopenLogs() {
        logThread.reopen();
    }

    /**
     * Closes everything at once. A process that ends now must wait for {@link #closed} first, or the last lines of its
     * access log are lost.
     */
    @Override
    public void close() {
        listeners.close();
        overload.close();
        configuration.shutdown();
        for (Worker worker : live.workers()) {
            worker.loop().execute(() -> {
                worker.closeAll();
                live.pools(worker).closeAll();
            });
        }
        // Connections write their last lines as they close, so the log ends after the loops.
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS)
                .addListener(ended -> Thread.ofVirtual().start(() -> {
                    logThread.close();
                    closed.complete(null);
                }));
    }

    /** Completes when every event loop has ended and every access-log line is written, after {@link #close}. */
    public CompletionStage<Void> closed() {
        return closed.minimalCompletionStage();
    }
}
