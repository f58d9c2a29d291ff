package lateen.xds.client;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import lateen.decision.config.ClusterConfig;
import lateen.decision.config.ClusterEndpoints;
import lateen.decision.config.ListenerConfig;
import lateen.decision.config.RouteConfig;
import lateen.xds.ResourceType;
import lateen.xds.decode.Decoding;
import lateen.xds.decode.ResourceDecoder;
import lateen.xds.decode.SecretConfig;
import org.jspecify.annotations.Nullable;

/** All of one resource type: what is asked for and what is held. Owned by the client's thread. */
final class TypeState {

    private final ResourceType type;
    private final Supplier<Instant> clock;
    private Map<String, Held> held = new HashMap<>();
    private Set<String> absent = new HashSet<>();
    private Set<String> wanted = new HashSet<>();
    private boolean requested;
    private boolean answered;

    /** @param record as decoded from the body, once */
    private record Held(ReceivedResource received, Object record) {}

    /** What was held before a response, to be put back when its outcome is refused. */
    record Before(Map<String, ?> held, Set<String> absent) {}

    TypeState(ResourceType type, Supplier<Instant> clock) {
        this.type = type;
        this.clock = clock;
    }

    Before before() {
        return new Before(new HashMap<>(held), new HashSet<>(absent));
    }

    void restore(Before before) {
        held = new HashMap<>();
        before.held().forEach((name, value) -> held.put(name, (Held) value));
        absent = before.absent();
    }

    /** Takes what is good of a response; the reasons for the rest. */
    List<String> take(DeltaDiscoveryResponse response) {
        answered = true;
        List<String> rejections = new ArrayList<>();
        for (Resource resource : response.getResourcesList()) {
            String rejection = take(resource);
            if (rejection != null) {
                rejections.add(rejection);
            }
        }
        for (String name : response.getRemovedResourcesList()) {
            held.remove(name);
            absent.add(name);
        }
        return rejections;
    }

    private @Nullable String take(Resource resource) {
        Held known = held.get(resource.getName());
        if (known != null && known.received().body().equals(resource.getResource())) {
            held.put(resource.getName(), new Held(received(resource), known.record()));
            return null;
        }
        return switch (ResourceDecoder.decode(type, resource.getResource())) {
            case Decoding.Rejected<?>(String reason) -> reason;
            case Decoding.Decoded<?>(Object record) -> {
                if (!name(record).equals(resource.getName())) {
                    yield type + " '" + resource.getName() + "': holds '" + name(record)
                            + "' (expected: the name under which it is sent)";
                }
                held.put(resource.getName(), new Held(received(resource), record));
                absent.remove(resource.getName());
                yield null;
            }
        };
    }

    private ReceivedResource received(Resource resource) {
        Any body = resource.getResource();
        return new ReceivedResource(resource.getName(), resource.getVersion(), body, clock.get());
    }

    private static String name(Object record) {
        return switch (record) {
            case ListenerConfig listener -> listener.name();
            case RouteConfig route -> route.name();
            case ClusterConfig cluster -> cluster.name();
            case ClusterEndpoints endpoints -> endpoints.name();
            case SecretConfig secret -> secret.name();
            default -> "";
        };
    }

    /** Held records by name. */
    <T> Map<String, T> records(Class<T> kind) {
        Map<String, T> records = new HashMap<>();
        held.forEach((name, each) -> records.put(name, kind.cast(each.record())));
        return records;
    }

    List<ReceivedResource> received() {
        return held.values().stream().map(Held::received).toList();
    }

    /** Names that the control plane said it does not have. */
    Set<String> absent() {
        return absent;
    }

    boolean answered() {
        return answered;
    }

    /** A new stream: the next request is the first again. */
    void disconnected() {
        requested = false;
    }

    /**
     * What to ask so that these names, and only these, are subscribed to; null: nothing. What is no longer wanted is
     * forgotten.
     */
    @Nullable
    DeltaRequest want(Set<String> names) {
        if (requested && names.equals(wanted)) {
            return null;
        }
        Map<String, String> versions = new HashMap<>();
        if (!requested) {
            if (!type.wildcardByDefault()) {
                held.keySet().retainAll(names);
            }
            held.forEach((name, each) -> versions.put(name, each.received().version()));
        }
        Set<String> added = new TreeSet<>(names);
        Set<String> dropped = new TreeSet<>(wanted);
        dropped.removeAll(names);
        if (requested) {
            added.removeAll(wanted);
        }
        held.keySet().removeAll(dropped);
        absent.removeAll(dropped);
        wanted = new HashSet<>(names);
        boolean nothingToAsk = !requested && names.isEmpty() && !type.wildcardByDefault();
        if (nothingToAsk) {
            return null;
        }
        Set<String> unsubscribed = requested ? dropped : Set.of();
        requested = true;
        return DeltaRequest.subscription(type.typeUrl(), added, unsubscribed, versions);
    }
}
