package lateen.xds.client;

import com.google.protobuf.Any;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import lateen.decision.config.ClusterConfig;
import lateen.decision.config.ClusterEndpoints;
import lateen.decision.config.ListenerConfig;
import lateen.decision.config.RouteConfig;
import lateen.xds.ResourceType;
import lateen.xds.client.Need.Needs;
import lateen.xds.client.Reading.Read;
import lateen.xds.decode.SecretConfig;
import lateen.xds.source.SourceRef;
import lateen.xds.source.Update;

/** All of one resource type that came from one source. Owned by the client's thread. */
final class TypeState {

    private final ResourceType type;
    private final SourceRef from;
    private final Reading reading;
    private final Supplier<Instant> clock;
    private Map<String, Held> held = new HashMap<>();
    private Set<String> absent = new HashSet<>();
    private Set<String> wanted = Set.of();
    private boolean answered;

    /** @param record as decoded from the body, once */
    private record Held(ReceivedResource received, Object record, Needs needs) {}

    /** What was held before a response, to be put back when its outcome is refused. */
    record Before(Map<String, ?> held, Set<String> absent) {}

    TypeState(ResourceType type, SourceRef from, Reading reading, Supplier<Instant> clock) {
        this.type = type;
        this.from = from;
        this.reading = reading;
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
    List<String> take(Update update) {
        answered = true;
        List<String> rejections = new ArrayList<>();
        Set<String> present = new HashSet<>();
        for (Update.Item item : update.items()) {
            if (!present.add(item.name())) {
                rejections.add(type + " '" + item.name() + "': stands twice (expected: each name once)");
                continue;
            }
            take(item, rejections);
        }
        for (String name : update.removed()) {
            held.remove(name);
            absent.add(name);
        }
        if (update.whole()) {
            held.keySet().retainAll(present);
        }
        return rejections;
    }

    private void take(Update.Item item, List<String> rejections) {
        Held known = held.get(item.name());
        if (known != null && known.received().body().equals(item.body())) {
            held.put(item.name(), new Held(received(item), known.record(), known.needs()));
            return;
        }
        switch (reading.read(type, item.body(), from)) {
            case Read.Bad(String reason) -> rejections.add(reason);
            case Read.Good(Object record, Needs needs) -> {
                if (!name(record).equals(item.name())) {
                    rejections.add(type + " '" + item.name() + "': holds '" + name(record)
                            + "' (expected: the name under which it is sent)");
                    return;
                }
                held.put(item.name(), new Held(received(item), record, needs));
                absent.remove(item.name());
            }
        }
    }

    private ReceivedResource received(Update.Item item) {
        Any body = item.body();
        return new ReceivedResource(item.name(), item.version(), body, clock.get());
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

    /** Adds held records by name, but not over those that are there already. */
    <T> void addTo(Map<String, T> records, Class<T> kind) {
        held.forEach((name, each) -> records.putIfAbsent(name, kind.cast(each.record())));
    }

    /** Adds what each held record needs; keys are compared by identity. */
    void addNeedsTo(IdentityHashMap<Object, Needs> needs) {
        held.values().forEach(each -> needs.put(each.record(), each.needs()));
    }

    List<ReceivedResource> received() {
        return held.values().stream().map(Held::received).toList();
    }

    Map<String, String> versions() {
        Map<String, String> versions = new HashMap<>();
        held.forEach((name, each) -> versions.put(name, each.received().version()));
        return versions;
    }

    /** Names that the source does not have, or did not send in time. */
    Set<String> absent() {
        return absent;
    }

    boolean answered() {
        return answered;
    }

    /** Whoever waits for an answer waits no longer. */
    void giveUp() {
        answered = true;
    }

    /** Whoever waits for that resource waits no longer. False: nobody does. */
    boolean giveUp(String name) {
        return wanted.contains(name) && !held.containsKey(name) && absent.add(name);
    }

    /**
     * What is no longer wanted is forgotten.
     *
     * @return those not wanted before
     */
    Set<String> want(Set<String> names) {
        if (names.equals(wanted)) {
            return Set.of();
        }
        Set<String> fresh = new HashSet<>(names);
        fresh.removeAll(wanted);
        wanted = Set.copyOf(names);
        if (!type.wildcardByDefault()) {
            held.keySet().retainAll(names);
            absent.retainAll(names);
        }
        return fresh;
    }
}
