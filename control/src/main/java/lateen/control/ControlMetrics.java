package lateen.control;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import lateen.control.registry.MeshSnapshot;
import lateen.xds.ResourceType;
import lateen.xdsserver.Observer;
import lateen.xdsserver.ProxyNode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts and logs what happens on xDS streams, and renders Prometheus' text format under Istio's names. Any thread. */
final class ControlMetrics implements Observer {

    private static final Logger LOG = LoggerFactory.getLogger(ControlMetrics.class);
    private static final Map<ResourceType, String> SHORT = new EnumMap<>(Map.of(
            ResourceType.CLUSTER, "cds",
            ResourceType.ENDPOINT, "eds",
            ResourceType.LISTENER, "lds",
            ResourceType.ROUTE, "rds",
            ResourceType.SECRET, "sds"));

    private final AtomicLong connections = new AtomicLong();
    private final AtomicLong services = new AtomicLong();
    private final AtomicLong virtualServices = new AtomicLong();
    private final LongAdder rejects = new LongAdder();
    private final LongAdder bytes = new LongAdder();
    private final AtomicLong rejectedConfigs = new AtomicLong();
    private final LongAdder loads = new LongAdder();
    private final Map<ResourceType, LongAdder> pushes = new EnumMap<>(ResourceType.class);

    ControlMetrics() {
        for (ResourceType type : ResourceType.values()) {
            pushes.put(type, new LongAdder());
        }
    }

    /** @param refused objects and files */
    void loaded(MeshSnapshot mesh, int refused) {
        services.set(mesh.services().size());
        virtualServices.set(mesh.routing().virtualServices().size());
        rejectedConfigs.set(refused);
        loads.increment();
    }

    @Override
    public void connected(ProxyNode node) {
        connections.incrementAndGet();
        LOG.info("proxy {} connected", node.id());
    }

    @Override
    public void disconnected(ProxyNode node, String reason) {
        connections.decrementAndGet();
        LOG.info("proxy {} disconnected: {}", node.id(), reason);
    }

    @Override
    public void refused(String nodeId, String reason) {
        LOG.warn("proxy {} refused: {}", nodeId, reason);
    }

    @Override
    public void pushed(
            ProxyNode node,
            ResourceType type,
            String version,
            int resources,
            int removed,
            long size,
            Duration sinceChange) {
        count(type).increment();
        bytes.add(size);
        LOG.debug("{} {} to {}: {} changed, {} removed", SHORT.get(type), version, node.id(), resources, removed);
    }

    @Override
    public void nacked(ProxyNode node, ResourceType type, String version, String reason) {
        rejects.increment();
        LOG.warn("{} {} refused by proxy {}: {}", SHORT.get(type), version, node.id(), reason);
    }

    String render() {
        StringBuilder out = new StringBuilder();
        sample(out, "pilot_xds", "gauge", "Proxies connected by xDS.", connections.get());
        sample(out, "pilot_services", "gauge", "Services known.", services.get());
        sample(out, "pilot_virt_services", "gauge", "VirtualServices in force.", virtualServices.get());
        sample(out, "pilot_total_rejected_configs", "gauge", "Objects and files refused.", rejectedConfigs.get());
        sample(out, "pilot_total_xds_rejects", "counter", "Updates refused by proxies.", rejects.sum());
        sample(out, "pilot_push_triggers", "counter", "Configurations put in force.", loads.sum());
        sample(out, "pilot_xds_sent_bytes_total", "counter", "Bytes of resources sent.", bytes.sum());
        head(out, "pilot_xds_pushes", "counter", "Updates sent, by type.");
        pushes.forEach((type, count) -> out.append("pilot_xds_pushes{type=\"")
                .append(SHORT.get(type))
                .append("\"} ")
                .append(count.sum())
                .append('\n'));
        return out.toString();
    }

    private LongAdder count(ResourceType type) {
        return pushes.getOrDefault(type, new LongAdder());
    }

    private static void sample(StringBuilder out, String name, String type, String help, long value) {
        head(out, name, type, help);
        out.append(name).append(' ').append(value).append('\n');
    }

    private static void head(StringBuilder out, String name, String type, String help) {
        out.append("# HELP ").append(name).append(' ').append(help).append('\n');
        out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    }
}
