package lateen.xdsserver;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a delta stream wants of one resource type, and what it was told.
 *
 * <p>xDS protocol, "Incremental xDS": a name subscribed again is sent again; a name that does not exist is answered as
 * removed; what {@code initial_resource_versions} has with equal version is not sent.
 */
final class DeltaSubscription implements Subscription {

    private static final String WILDCARD = "*";
    /** Told to be missing. No content hash has this form. */
    private static final String ABSENT = "-";
    /** The proxy may hold something that must be sent or taken back. */
    private static final String STALE = "?";

    private final Set<String> names = new HashSet<>();
    private final Map<String, String> told = new HashMap<>();
    private boolean wildcard;
    private boolean started;
    private boolean owesAnswer;
    /** The map that {@link #told} is in step with; null: has to be compared. */
    private @Nullable Map<String, EncodedResource> settled;

    /** Applies one request's changes of subscription. */
    void update(List<String> subscribe, List<String> unsubscribe, Map<String, String> held, boolean wildcardByDefault) {
        boolean first = !started;
        started = true;
        if (first) {
            told.putAll(held);
            if (subscribe.isEmpty() && wildcardByDefault) {
                wildcard = true;
                owesAnswer = true;
            }
        }
        for (String name : subscribe) {
            if (name.equals(WILDCARD)) {
                owesAnswer |= !wildcard;
                wildcard = true;
            } else {
                names.add(name);
                if (!first || !held.containsKey(name)) {
                    told.remove(name);
                }
            }
        }
        for (String name : unsubscribe) {
            unsubscribe(name);
        }
        if (!subscribe.isEmpty() || !unsubscribe.isEmpty() || first) {
            settled = null;
        }
    }

    private void unsubscribe(String name) {
        if (name.equals(WILDCARD)) {
            wildcard = false;
            told.keySet().retainAll(names);
        } else {
            names.remove(name);
            if (wildcard) {
                told.put(name, STALE);
            } else {
                told.remove(name);
            }
        }
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
        settled = view;
    }

    @Override
    public boolean owesAnswer() {
        return owesAnswer;
    }

    @Override
    public List<EncodedResource> additions(Map<String, EncodedResource> view, long maxBytes) {
        List<EncodedResource> missing = new ArrayList<>();
        long bytes = 0;
        if (wildcard) {
            for (EncodedResource resource : view.values()) {
                bytes += lacks(resource) ? add(resource, missing) : 0;
                if (bytes >= maxBytes) {
                    return missing;
                }
            }
            return missing;
        }
        for (String name : names) {
            EncodedResource resource = view.get(name);
            bytes += resource != null && lacks(resource) ? add(resource, missing) : 0;
            if (bytes >= maxBytes) {
                return missing;
            }
        }
        return missing;
    }

    @Override
    public List<String> changed(Map<String, EncodedResource> view) {
        return additions(view, Long.MAX_VALUE).stream()
                .map(EncodedResource::name)
                .toList();
    }

    @Override
    public void tellAgain(Collection<String> again) {
        for (String name : again) {
            if (told.computeIfPresent(name, (_, version) -> version.equals(ABSENT) ? ABSENT : STALE) != null) {
                settled = null;
            }
        }
    }

    private boolean lacks(EncodedResource resource) {
        return !resource.version().equals(told.get(resource.name()));
    }

    private static long add(EncodedResource resource, List<EncodedResource> to) {
        to.add(resource);
        return resource.body().getSerializedSize();
    }

    @Override
    public Difference takenBack(Map<String, EncodedResource> view) {
        return new Difference(List.of(), removals(view));
    }

    /** Names that the proxy holds, or waits for, and that are not in the view. */
    private List<String> removals(Map<String, EncodedResource> view) {
        List<String> gone = new ArrayList<>();
        told.forEach((name, version) -> {
            if (!version.equals(ABSENT) && !view.containsKey(name)) {
                gone.add(name);
            }
        });
        for (String name : names) {
            if (!told.containsKey(name) && !view.containsKey(name)) {
                gone.add(name);
            }
        }
        return gone;
    }

    @Override
    public void sent(Difference difference) {
        owesAnswer = false;
        for (EncodedResource resource : difference.resources()) {
            told.put(resource.name(), resource.version());
        }
        for (String name : difference.removed()) {
            if (names.contains(name)) {
                told.put(name, ABSENT);
            } else {
                told.remove(name);
            }
        }
    }
}
