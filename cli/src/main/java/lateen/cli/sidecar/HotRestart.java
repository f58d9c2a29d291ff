package lateen.cli.sidecar;

import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import lateen.decision.net.SocketAddr;
import lateen.proxy.Proxy;
import lateen.proxy.admin.AdminServer;
import lateen.proxy.restart.InheritedSockets;
import lateen.proxy.restart.RestartOffer;
import lateen.proxy.restart.RestartTake;
import org.jspecify.annotations.Nullable;

/**
 * A proxy's place in a row of processes, each of which takes over from the one before. Used by the thread that starts
 * the proxy.
 */
final class HotRestart {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /**
     * Envoy: {@code --restart-epoch}, {@code --base-id}, {@code --socket-path}, {@code --parent-shutdown-time-s}.
     *
     * @param on whether there may be a process after this one
     * @param epoch 0: there is none before
     * @param parentShutdown how long connections of the process before may take
     */
    record Settings(boolean on, int epoch, long baseId, String socketPath, Duration parentShutdown) {
        private SocketAddr socket(int of) {
            return SocketAddr.unix(socketPath + "_" + baseId + "_" + of);
        }
    }

    private final Settings settings;
    private final Proxy proxy;
    private RestartTake.@Nullable Taken taken;
    private @Nullable RestartOffer offer;

    HotRestart(Settings settings, Proxy proxy) {
        this.settings = settings;
        this.proxy = proxy;
        proxy.stats().gauge("envoy_server_hot_restart_epoch", "Which process of a row this is.", settings::epoch);
        proxy.stats()
                .gauge(
                        "envoy_server_parent_connections",
                        "Connections still open in the process before.",
                        this::before);
        proxy.stats()
                .gauge(
                        "envoy_server_total_connections",
                        "Open connections of clients, of the process before too.",
                        () -> before() + proxy.connections());
    }

    private long before() {
        RestartTake.Taken from = taken;
        return from == null ? 0 : from.from().connections();
    }

    /**
     * Takes the sockets of the process before, if there is one; it goes on serving.
     *
     * @throws IOException when it does not give them
     */
    InheritedSockets take() throws IOException {
        if (settings.epoch() == 0) {
            return InheritedSockets.none();
        }
        RestartTake.Taken from = await(
                RestartTake.from(proxy.loop(), settings.socket(settings.epoch() - 1), settings.epoch(), proxy.stats()),
                "the process before does not answer");
        taken = from;
        proxy.inherit(from.sockets());
        return from.sockets();
    }

    /**
     * Lets a next process take over.
     *
     * @param handOver told how long connections may take
     * @throws IOException when the socket for that is another's
     */
    void offer(@Nullable AdminServer administration, Consumer<Duration> handOver) throws IOException {
        if (!settings.on()) {
            return;
        }
        RestartOffer.Giver giver = new RestartOffer.Giver() {
            @Override
            public Map<String, FileDescriptor> sockets() {
                Map<String, FileDescriptor> all = new LinkedHashMap<>(proxy.descriptors());
                if (administration != null) {
                    all.putAll(administration.descriptors());
                }
                return all;
            }

            @Override
            public void handOver(Duration limit) {
                handOver.accept(limit);
            }

            @Override
            public long connections() {
                return proxy.connections();
            }
        };
        offer = await(
                RestartOffer.open(
                        proxy.loop(), settings.socket(settings.epoch()), settings.epoch(), giver, proxy.stats()),
                "the socket for the next process cannot be had");
    }

    /** Whether a process before serves until {@link #serve}. */
    boolean hasBefore() {
        return taken != null;
    }

    /**
     * This process serves: the one before is to end.
     *
     * @throws IOException when it is gone, which changes nothing any more
     */
    void serve() throws IOException {
        RestartTake.Taken from = taken;
        if (from != null) {
            await(from.from().drain(settings.parentShutdown()), "the process before does not answer");
            from.sockets().closeRest();
        }
    }

    void close() {
        if (offer != null) {
            offer.close();
        }
    }

    private static <T> T await(CompletionStage<T> stage, String what) throws IOException {
        try {
            return stage.toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw new IOException("hot restart: " + e.getCause(), e);
        } catch (TimeoutException e) {
            throw new IOException("hot restart: " + what + " within " + PATIENCE.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("hot restart: interrupted", e);
        }
    }
}
