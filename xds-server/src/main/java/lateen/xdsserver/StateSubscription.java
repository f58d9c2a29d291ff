package lateen.xdsserver;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a state-of-the-world stream wants of one resource type, and what it was told.
 *
 * <p>xDS protocol, "Deleting Resources": a response with listeners or clusters holds all of them, and what is missing is
 * gone; responses of other types hold what changed, and nothing can be taken back. A listener or cluster that is gone
 * stays in the responses until {@link #takenBack}, so that nothing breaks that still refers to it.
 */
final class StateSubscription implements Subscription {

    private static final String WILDCARD = "*";

    private final boolean wholeState;
    private final Map<String, EncodedResource> told = new HashMap<>();
    private Set<String> names = Set.of();
    private boolean wildcard;
    private boolean named;
    private boolean started;
    private boolean owesAnswer;
    /** The map that {@link #told} is in step with; null: has to be compared. */
    private @Nullable Map<String, EncodedResource> settled;

    StateSubscription(boolean wholeState) {
        this.wholeState = wholeState;
    }

    /**
     * Applies the names of one request, which replace those before.
     *
     * <p>xDS protocol, "How the client specifies what resources to return": no names at all ask for everything, unless
     * there were names before: then they end the subscription.
     */
    void update(List<String> requested) {
        Set<String> next = new HashSet<>(requested);
        boolean all = next.remove(WILDCARD) || (wholeState && !named && requested.isEmpty());
        named |= !requested.isEmpty();
        boolean more = (all && !wildcard) || !names.containsAll(next);
        // Without an answer the client could not tell a missing listener or cluster from a slow server.
        owesAnswer |= wholeState && (more || !started);
        if (started && all == wildcard && next.equals(names)) {
            return;
        }
        started = true;
        wildcard = all;
        names = next;
        if (!all) {
            told.keySet().retainAll(next);
        }
        settled = null;
    }

    @Override
    public void tellAgain(Collection<String> again) {
        if (told.keySet().removeAll(again)) {
            settled = null;
        }
    }

    @Override
    public List<String> changed(Map<String, EncodedResource> view) {
        return wanted(view).stream()
                .filter(this::lacks)
                .map(EncodedResource::name)
                .toList();
    }

    Set<String> told() {
        return Set.copyOf(told.keySet());
    }

    @Override
    public int size() {
        return names.size();
    }

    @Override
    public boolean started() {
        return started;
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // Equal maps are found by comparing resources; the same map needs no look.
    public boolean settledWith(Map<String, EncodedResource> view) {
        return settled == view && !owesAnswer;
    }

    @Override
    public void settle(Map<String, EncodedResource> view) {
        if (!wholeState) {
            told.keySet().retainAll(view.keySet());
        }
        settled = view;
    }

    @Override
    public boolean owesAnswer() {
        return owesAnswer;
    }

    @Override
    public List<EncodedResource> additions(Map<String, EncodedResource> view, long maxBytes) {
        List<EncodedResource> wanted = wanted(view);
        if (wholeState) {
            return owesAnswer || wanted.stream().anyMatch(this::lacks) ? withStale(wanted, view) : List.of();
        }
        List<EncodedResource> missing = new ArrayList<>();
        long bytes = 0;
        for (EncodedResource resource : wanted) {
            if (lacks(resource)) {
                missing.add(resource);
                bytes += resource.body().getSerializedSize();
                if (bytes >= maxBytes) {
                    break;
                }
            }
        }
        return missing;
    }

    @Override
    public Difference takenBack(Map<String, EncodedResource> view) {
        List<String> gone = wholeState ? stale(view) : List.of();
        return new Difference(gone.isEmpty() ? List.of() : wanted(view), gone);
    }

    @Override
    public void sent(Difference difference) {
        owesAnswer = false;
        difference.resources().forEach(r -> told.put(r.name(), r));
        difference.removed().forEach(told::remove);
    }

    private List<EncodedResource> wanted(Map<String, EncodedResource> view) {
        return wildcard
                ? List.copyOf(view.values())
                : names.stream().map(view::get).filter(Objects::nonNull).toList();
    }

    private List<String> stale(Map<String, EncodedResource> view) {
        return told.keySet().stream().filter(n -> !view.containsKey(n)).toList();
    }

    private List<EncodedResource> withStale(List<EncodedResource> wanted, Map<String, EncodedResource> view) {
        List<EncodedResource> all = new ArrayList<>(wanted);
        told.forEach((name, resource) -> {
            if (!view.containsKey(name)) {
                all.add(resource);
            }
        });
        return all;
    }

    private boolean lacks(EncodedResource resource) {
        EncodedResource held = told.get(resource.name());
        return held == null || !held.version().equals(resource.version());
    }
}
