package lateen.xds.client;

import com.google.protobuf.Any;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import lateen.decision.config.ProxyConfig;
import lateen.xds.ResourceType;
import lateen.xds.client.ConfigSink.Outcome;
import lateen.xds.client.Need.Needs;
import lateen.xds.decode.SecretConfig;
import lateen.xds.source.ClientThread;
import lateen.xds.source.Source;
import lateen.xds.source.SourceRef;
import lateen.xds.source.Update;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a proxy told, wherever its resources come from.
 *
 * <p>All listeners and clusters of the roots, and whatever these name, from the source that they name. Each resource is
 * decoded once. A bad one is refused with its reason, and its last good version stays; the others of the same response
 * take effect. While a source is away all that came from it stays.
 *
 * <p>Threading: one own thread; {@link #status()} and {@link #resources()} may be read from any.
 */
public final class ResourceClient implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ResourceClient.class);
    /** A server that refuses thousands of resources is told about the first ones. */
    private static final int LONGEST_REASON = 4000;

    private final Sources sources;
    private final Reading reading;
    private final ConfigSink sink;
    private final SecretSink secrets;
    private final List<Root> roots;
    private final Supplier<Instant> clock;
    private final ClientThread thread = new ClientThread();
    /** In the order in which they were opened; a resource of an earlier one counts where two have the same name. */
    private final Map<Feed.Key, Feed> feeds = new LinkedHashMap<>();

    private final Set<Need> watched = new HashSet<>();
    private final Map<String, SecretConfig> told = new HashMap<>();
    private final Resolved resolved = new Resolved(this::states, this::rootStates);
    private final Map<ResourceType, String> versions = new EnumMap<>(ResourceType.class);
    private final Map<ResourceType, String> rejections = new EnumMap<>(ResourceType.class);
    private IdentityHashMap<Object, Needs> needsInEffect = new IdentityHashMap<>();
    private ProxyConfig current = ProxyConfig.EMPTY;
    private boolean started;
    private boolean ready;
    private volatile boolean closed;
    private volatile Status status = Status.INITIAL;
    private volatile Map<ResourceType, List<ReceivedResource>> published = Map.of();

    /**
     * A source of all the listeners or clusters there are.
     *
     * @param patience after which the proxy starts without; zero: never
     */
    public record Root(ResourceType type, SourceRef source, Duration patience) {}

    /** @param roots none of a type: there are only those that {@link #add} brought */
    public ResourceClient(
            Sources sources,
            Reading reading,
            ConfigSink sink,
            SecretSink secrets,
            List<Root> roots,
            Supplier<Instant> clock) {
        this.sources = sources;
        this.reading = reading;
        this.sink = sink;
        this.secrets = secrets;
        this.roots = List.copyOf(roots);
        this.clock = clock;
    }

    /**
     * Adds resources that come from no source and stay for good; before {@link #start}.
     *
     * @param from where a source {@code self} in them leads
     * @param bodies by name
     */
    public void add(ResourceType type, SourceRef from, Map<String, Any> bodies) {
        thread.run(() -> {
            Feed feed = feeds.computeIfAbsent(new Feed.Key(from, type), key -> new Feed(key, this));
            List<Update.Item> items = new ArrayList<>();
            bodies.forEach((name, body) -> items.add(new Update.Item(name, "", body)));
            List<String> refused = feed.stateOf(type).take(new Update(type, "", items, List.of(), false));
            if (!refused.isEmpty()) {
                LOG.error("refused of {}: {}", type, String.join("; ", refused));
            }
        });
    }

    /** Asks the sources, and goes on asking until closed. */
    public void start() {
        thread.run(() -> {
            started = true;
            for (Root root : roots) {
                Feed feed = feed(Feed.Key.of(root.source(), root.type()));
                var _ = feed.want(root.type(), Set.of(), true);
                wait(root.patience(), () -> {
                    if (!feed.stateOf(root.type()).answered()) {
                        LOG.warn(
                                "no {} after {} s; starting without",
                                root.type(),
                                root.patience().toSeconds());
                        feed.stateOf(root.type()).giveUp();
                        again();
                    }
                });
            }
            again();
        });
    }

    private void again() {
        String refusal = apply();
        if (refusal != null) {
            LOG.warn("refused: {}", refusal);
        }
        subscribe();
        publish();
    }

    /** Ends all connections and opens others, e.g. to show a renewed certificate. What is held stays in effect. */
    public void reconnect() {
        thread.run(() -> List.copyOf(feeds.values()).forEach(feed -> {
            Source open = feed.source();
            if (open != null) {
                open.reconnect("reconnecting");
            }
        }));
    }

    /** Subscribes to a secret that no resource names. */
    public void watch(Need need) {
        thread.run(() -> {
            watched.add(need);
            subscribe();
        });
    }

    public Status status() {
        return status;
    }

    /** What was accepted, as it came. */
    public Map<ResourceType, List<ReceivedResource>> resources() {
        return published;
    }

    /** Ends all connections; the configuration stays in effect. */
    @Override
    public void close() {
        closed = true;
        thread.run(() -> feeds.values().forEach(Feed::close));
        thread.close();
    }

    private void wait(Duration patience, Runnable then) {
        if (!patience.isZero()) {
            var _ = thread.after(patience, then);
        }
    }

    TypeState newState(ResourceType type, SourceRef from) {
        return new TypeState(type, from, reading, clock);
    }

    private Feed feed(Feed.Key key) {
        Feed known = feeds.get(key);
        if (known != null) {
            return known;
        }
        Feed feed = new Feed(key, this);
        feeds.put(key, feed);
        Source source = sources.open(key.ref(), key.type(), feed, thread);
        feed.source(source);
        source.start();
        return feed;
    }

    private Collection<TypeState> states(ResourceType type) {
        return feeds.values().stream()
                .map(feed -> feed.state(type))
                .filter(Objects::nonNull)
                .toList();
    }

    private Collection<TypeState> rootStates(ResourceType type) {
        List<TypeState> states = new ArrayList<>();
        for (Root root : roots) {
            Feed feed = root.type() == type ? feeds.get(Feed.Key.of(root.source(), type)) : null;
            if (feed != null) {
                states.add(feed.stateOf(type));
            }
        }
        return states;
    }

    /** Called by a feed. */
    @Nullable
    String received(Feed from, Update update) {
        TypeState state = from.stateOf(update.type());
        TypeState.Before before = state.before();
        List<String> reasons = new ArrayList<>(state.take(update));
        String refusal = apply();
        if (refusal != null) {
            state.restore(before);
            reasons.add(refusal);
        }
        String answer = null;
        if (reasons.isEmpty()) {
            versions.put(update.type(), update.version());
            rejections.remove(update.type());
        } else {
            String all = String.join("; ", reasons);
            answer = all.length() <= LONGEST_REASON ? all : all.substring(0, LONGEST_REASON) + "…";
            LOG.warn("refused of {}: {}", update.type(), answer);
            rejections.put(update.type(), answer);
        }
        publish();
        return answer;
    }

    /** Puts into effect what is complete; null, or why the sink refused it. */
    private @Nullable String apply() {
        IdentityHashMap<Object, Needs> needs = needs();
        tellSecrets(needs);
        ProxyConfig next = resolved.assemble(current, needs);
        boolean first = !ready && resolved.complete();
        if (!first && Resolved.same(next, current)) {
            return null;
        }
        return switch (sink.accept(next)) {
            case Outcome.Accepted() -> {
                current = next;
                ready |= first;
                keepNeeds(needs);
                yield null;
            }
            case Outcome.Refused(String reason) -> reason;
        };
    }

    /** Of all that came or is in effect. */
    private IdentityHashMap<Object, Needs> needs() {
        IdentityHashMap<Object, Needs> needs = new IdentityHashMap<>(needsInEffect);
        feeds.values().forEach(feed -> feed.states().values().forEach(state -> state.addNeedsTo(needs)));
        return needs;
    }

    private void keepNeeds(IdentityHashMap<Object, Needs> needs) {
        IdentityHashMap<Object, Needs> kept = new IdentityHashMap<>();
        current.listeners().values().forEach(each -> kept.put(each, needs.getOrDefault(each, Needs.NONE)));
        current.clusters().values().forEach(each -> kept.put(each, needs.getOrDefault(each, Needs.NONE)));
        needsInEffect = kept;
    }

    /** Before the configuration that names them. */
    private void tellSecrets(IdentityHashMap<Object, Needs> needs) {
        Map<String, SecretConfig> now = new HashMap<>(resolved.held(ResourceType.SECRET, SecretConfig.class));
        needs.values().forEach(each -> now.putAll(each.secrets()));
        now.forEach((name, secret) -> {
            if (!secret.equals(told.put(name, secret))) {
                secrets.put(secret);
            }
        });
    }

    /** After one that does not name them any more. */
    private void forgetSecrets(IdentityHashMap<Object, Needs> needs) {
        Set<String> used = new HashSet<>(
                resolved.held(ResourceType.SECRET, SecretConfig.class).keySet());
        needs.values().forEach(each -> used.addAll(each.secrets().keySet()));
        for (String name : List.copyOf(told.keySet())) {
            if (!used.contains(name)) {
                told.remove(name);
                secrets.forget(name);
            }
        }
    }

    /** Asks for what all that came, or is in effect, names by now. */
    void subscribe() {
        if (closed || !started) {
            return;
        }
        IdentityHashMap<Object, Needs> needs = needs();
        forgetSecrets(needs);
        Map<Feed.Key, Map<ResourceType, Map<String, Duration>>> wanted = new LinkedHashMap<>();
        watched.forEach(need -> add(need, wanted));
        needs.values().forEach(each -> each.named().forEach(need -> add(need, wanted)));
        Set<Feed.Key> kept = new HashSet<>(wanted.keySet());
        roots.forEach(root -> kept.add(Feed.Key.of(root.source(), root.type())));
        for (Feed feed : List.copyOf(feeds.values())) {
            if (feed.source() != null && !kept.contains(feed.key())) {
                feed.close();
                feeds.remove(feed.key());
            }
        }
        wanted.keySet().forEach(this::feed);
        for (Feed feed : List.copyOf(feeds.values())) {
            if (feed.source() != null) {
                ask(feed, wanted.getOrDefault(feed.key(), Map.of()));
            }
        }
    }

    private static void add(Need need, Map<Feed.Key, Map<ResourceType, Map<String, Duration>>> wanted) {
        wanted.computeIfAbsent(Feed.Key.of(need.source(), need.type()), _ -> new EnumMap<>(ResourceType.class))
                .computeIfAbsent(need.type(), _ -> new HashMap<>())
                .put(need.name(), need.patience());
    }

    private void ask(Feed feed, Map<ResourceType, Map<String, Duration>> wanted) {
        for (ResourceType type : ResourceType.values()) {
            Map<String, Duration> names = wanted.getOrDefault(type, Map.of());
            boolean wildcard = roots.stream()
                    .anyMatch(root -> root.type() == type
                            && Feed.Key.of(root.source(), type).equals(feed.key()));
            if (wildcard || !names.isEmpty() || feed.state(type) != null) {
                for (String fresh : feed.want(type, names.keySet(), wildcard)) {
                    wait(names.getOrDefault(fresh, Duration.ZERO), () -> impatient(feed, type, fresh));
                }
            }
        }
    }

    private void impatient(Feed feed, ResourceType type, String name) {
        TypeState state = feed.state(type);
        if (state != null && feeds.containsKey(feed.key()) && state.giveUp(name)) {
            LOG.warn("no {} '{}' in time; going on without", type, name);
            again();
        }
    }

    void publish() {
        Map<ResourceType, List<ReceivedResource>> lists = new EnumMap<>(ResourceType.class);
        boolean connected = true;
        String error = null;
        for (Feed feed : feeds.values()) {
            if (feed.source() == null) {
                continue;
            }
            connected &= feed.connected();
            error = feed.error() == null ? error : feed.error();
            feed.states()
                    .forEach((type, state) ->
                            lists.computeIfAbsent(type, _ -> new ArrayList<>()).addAll(state.received()));
        }
        published = Map.copyOf(lists);
        status = new Status(connected, ready, versions, rejections, resolved.waiting(), error);
    }
}
