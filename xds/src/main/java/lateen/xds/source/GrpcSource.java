package lateen.xds.source;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import lateen.xds.ResourceType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A stream to an xDS server, aggregated or of one type, in either dialect. It is opened again, with growing waits,
 * whenever it ends; what was received before is no concern of it.
 *
 * <p>Each response is answered before the next one is taken.
 */
public final class GrpcSource<R> implements Source {

    private static final Logger LOG = LoggerFactory.getLogger(GrpcSource.class);

    private final String name;
    private final Supplier<ManagedChannel> channels;
    private final Dialect<R> dialect;
    private final Backoff backoff;
    private final SourceEvents events;
    private final ClientThread thread;
    private final Map<ResourceType, Wanted> wanted = new EnumMap<>(ResourceType.class);
    private @Nullable GrpcCall<R> call;
    private boolean closed;

    private record Wanted(Set<String> names, boolean wildcard) {}

    private GrpcSource(
            String name,
            Supplier<ManagedChannel> channels,
            Dialect<R> dialect,
            Backoff backoff,
            SourceEvents events,
            ClientThread thread) {
        this.name = name;
        this.channels = channels;
        this.dialect = dialect;
        this.backoff = backoff;
        this.events = events;
        this.thread = thread;
    }

    /**
     * A source that speaks the incremental variant.
     *
     * @param name for the log
     * @param channels opens a channel for each attempt, with the credentials of that moment; the source shuts it down
     * @param node {@code Node} as bytes
     * @param nodeInAnswers whether every message says who sends it; the protocol asks for it in the first one only, but
     *     there are servers that look at each
     * @param type null: aggregated
     * @param thread the client's
     */
    public static Source delta(
            String name,
            Supplier<ManagedChannel> channels,
            ByteString node,
            boolean nodeInAnswers,
            @Nullable ResourceType type,
            Backoff backoff,
            SourceEvents events,
            ClientThread thread) {
        return new GrpcSource<>(name, channels, new DeltaDialect(node, nodeInAnswers, type), backoff, events, thread);
    }

    /**
     * A source that speaks the state-of-the-world variant; parameters as above.
     *
     * @param nodeOnce whether only the first request of a stream says who asks
     */
    public static Source state(
            String name,
            Supplier<ManagedChannel> channels,
            ByteString node,
            boolean nodeOnce,
            @Nullable ResourceType type,
            Backoff backoff,
            SourceEvents events,
            ClientThread thread) {
        return new GrpcSource<>(name, channels, new StateDialect(node, nodeOnce, type), backoff, events, thread);
    }

    @Override
    public void start() {
        connect();
    }

    @Override
    public void want(ResourceType type, Set<String> names, boolean wildcard) {
        Wanted now = new Wanted(Set.copyOf(names), wildcard);
        wanted.put(type, now);
        if (call != null) {
            ask(call, type, now);
        }
    }

    @Override
    public void reconnect(String reason) {
        GrpcCall<R> old = call;
        if (old != null) {
            ended(old, reason);
        }
    }

    @Override
    public void close() {
        closed = true;
        GrpcCall<R> open = call;
        call = null;
        if (open != null) {
            open.cancel("the proxy stops");
        }
    }

    private void connect() {
        if (closed || call != null) {
            return;
        }
        ManagedChannel channel;
        try {
            channel = channels.get();
        } catch (RuntimeException e) {
            // Credentials may not be there yet; that is one more failed attempt.
            failed("no channel: " + e.getMessage());
            return;
        }
        dialect.opened();
        GrpcCall<R> opened = new GrpcCall<>(channel, dialect.method(), new GrpcCall.Events<>() {
            @Override
            public void response(GrpcCall<R> from, R response) {
                run(() -> received(from, response));
            }

            @Override
            public void ended(GrpcCall<R> from, String reason) {
                run(() -> GrpcSource.this.ended(from, reason));
            }
        });
        call = opened;
        opened.open();
        wanted.forEach((type, names) -> ask(opened, type, names));
    }

    private void ask(GrpcCall<R> open, ResourceType type, Wanted names) {
        ByteString request = dialect.want(type, names.names(), names.wildcard(), () -> events.versions(type));
        if (request != null) {
            open.send(request);
        }
    }

    private void received(GrpcCall<R> from, R response) {
        if (!from.equals(call)) {
            return;
        }
        backoff.reset();
        ResourceType type = ResourceType.of(dialect.typeUrl(response));
        if (type == null || !wanted.containsKey(type)) {
            LOG.warn("{}: a response of type '{}', which was not asked for; ignored", name, dialect.typeUrl(response));
            from.requestNext();
            return;
        }
        @Nullable String refusal;
        try {
            refusal = events.received(dialect.read(type, response));
        } catch (IllegalArgumentException e) {
            refusal = e.getMessage();
        }
        from.send(dialect.answer(type, response, refusal));
        events.answered();
        from.requestNext();
    }

    private void ended(GrpcCall<R> from, String reason) {
        from.cancel(reason);
        if (!from.equals(call)) {
            return;
        }
        call = null;
        failed(reason);
    }

    private void failed(String reason) {
        if (closed) {
            return;
        }
        events.disconnected(reason);
        Duration wait = backoff.next();
        LOG.info("{} ended: {}; what was received stays, next attempt in {} ms", name, reason, wait.toMillis());
        var _ = thread.after(wait, () -> guarded(this::connect));
    }

    private void run(Runnable task) {
        thread.run(() -> guarded(task));
    }

    private void guarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            LOG.error("{} failed; it reconnects", name, e);
            reconnect("failed: " + e);
        }
    }
}
