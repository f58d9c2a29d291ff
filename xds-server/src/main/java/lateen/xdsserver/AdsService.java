package lateen.xdsserver;

import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.stub.StreamObserver;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Envoy's AggregatedDiscoveryService v3, delta and state of the world, for any number of proxies.
 *
 * <p>Threading: all methods may be called from any thread. It owns its push threads; {@link #close()} ends them, after
 * which no change is pushed.
 */
public final class AdsService extends AggregatedDiscoveryServiceGrpc.AggregatedDiscoveryServiceImplBase
        implements AutoCloseable {

    static final Logger LOG = LoggerFactory.getLogger(AdsService.class);

    private final ViewSource views;
    private final NodeCheck check;
    private final Observer observer;
    private final StreamLimits limits;
    private final Set<ProxyStream<?, ?, ?>> streams = ConcurrentHashMap.newKeySet();
    private final AtomicLong generation = new AtomicLong(1);
    private final ScheduledExecutorService trigger =
            Executors.newSingleThreadScheduledExecutor(daemon("xds-push-trigger"));
    private final ExecutorService workers =
            Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors(), daemon("xds-push"));
    private final Coalescer pushes;

    public AdsService(ViewSource views, NodeCheck check, Observer observer) {
        this(views, check, observer, StreamLimits.DEFAULT);
    }

    AdsService(ViewSource views, NodeCheck check, Observer observer, StreamLimits limits) {
        this.views = views;
        this.check = check;
        this.observer = observer;
        this.limits = limits;
        this.pushes = new Coalescer(trigger, limits.coalesce(), this::push);
    }

    private static ThreadFactory daemon(String name) {
        return Thread.ofPlatform().name(name + "-", 0).daemon().factory();
    }

    /**
     * The view source has something new: all views are taken afresh and each proxy is told the difference. The first
     * change is told at once; what follows within some milliseconds is told together.
     */
    public void configChanged() {
        generation.incrementAndGet();
        if (!trigger.isShutdown()) {
            pushes.signal();
        }
    }

    /** Number of admitted streams. */
    public int connections() {
        return streams.size();
    }

    @Override
    public StreamObserver<DeltaDiscoveryRequest> deltaAggregatedResources(
            StreamObserver<DeltaDiscoveryResponse> responses) {
        DeltaStream stream = new DeltaStream(this, responses, CallerIdentity.KEY.get());
        stream.start();
        return stream;
    }

    @Override
    public StreamObserver<DiscoveryRequest> streamAggregatedResources(StreamObserver<DiscoveryResponse> responses) {
        StateStream stream = new StateStream(this, responses, CallerIdentity.KEY.get());
        stream.start();
        return stream;
    }

    /** Open streams go on until their server ends them. */
    @Override
    public void close() {
        trigger.shutdownNow();
        workers.shutdownNow();
    }

    private void push() {
        long now = System.nanoTime();
        for (ProxyStream<?, ?, ?> stream : streams) {
            workers.execute(() -> stream.changed(now));
        }
    }

    ViewSource views() {
        return views;
    }

    NodeCheck check() {
        return check;
    }

    Observer observer() {
        return observer;
    }

    StreamLimits limits() {
        return limits;
    }

    long generation() {
        return generation.get();
    }

    void opened(ProxyStream<?, ?, ?> stream) {
        streams.add(stream);
    }

    void closed(ProxyStream<?, ?, ?> stream) {
        streams.remove(stream);
    }
}
