package lateen.xds.client;

import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import lateen.xds.ResourceType;
import lateen.xds.source.Source;
import lateen.xds.source.SourceEvents;
import lateen.xds.source.SourceRef;
import lateen.xds.source.Update;
import org.jspecify.annotations.Nullable;

/** A source and what came from it. Owned by the client's thread. */
final class Feed implements SourceEvents {

    private final Key key;
    private final ResourceClient client;
    private final Map<ResourceType, TypeState> states = new EnumMap<>(ResourceType.class);
    private @Nullable Source source;
    private boolean connected;
    private @Nullable String error;

    /** @param type null: one source for all types */
    record Key(SourceRef ref, @Nullable ResourceType type) {
        static Key of(SourceRef ref, ResourceType type) {
            return new Key(ref, ref instanceof SourceRef.Ads ? null : type);
        }
    }

    Feed(Key key, ResourceClient client) {
        this.key = key;
        this.client = client;
    }

    Key key() {
        return key;
    }

    void source(Source opened) {
        source = opened;
    }

    @Nullable
    Source source() {
        return source;
    }

    /** Null: nothing of that type was ever asked for. */
    @Nullable
    TypeState state(ResourceType type) {
        return states.get(type);
    }

    TypeState stateOf(ResourceType type) {
        return states.computeIfAbsent(type, each -> client.newState(each, key.ref()));
    }

    Map<ResourceType, TypeState> states() {
        return states;
    }

    boolean connected() {
        return connected;
    }

    @Nullable
    String error() {
        return error;
    }

    /** Those of the names that were not wanted before. */
    Set<String> want(ResourceType type, Set<String> names, boolean wildcard) {
        Set<String> fresh = new HashSet<>(stateOf(type).want(names));
        if (source != null) {
            source.want(type, names, wildcard);
        }
        return fresh;
    }

    @Override
    public @Nullable String received(Update update) {
        connected = true;
        error = null;
        return client.received(this, update);
    }

    @Override
    public void answered() {
        client.subscribe();
    }

    @Override
    public void disconnected(String reason) {
        connected = false;
        error = reason;
        client.publish();
    }

    @Override
    public Map<String, String> versions(ResourceType type) {
        return stateOf(type).versions();
    }

    void close() {
        if (source != null) {
            source.close();
        }
    }
}
