package lateen.control.push;

import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lateen.control.registry.MeshSnapshot;
import lateen.control.source.EnvoyFilter.Patch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How often each patch of an EnvoyFilter changed something, by namespace and service
 * account of the proxies; said in the log when it
 * changes. A patch that changes nothing is mostly a mistake in its match. Any thread.
 */
public final class PatchReport {

    private static final Logger LOG = LoggerFactory.getLogger(PatchReport.class);

    private final Map<Place, Integer> applied =
            new TreeMap<>(Comparator.comparing(Place::patch).thenComparing(Place::proxies));

    private record Place(String patch, String proxies) {}

    /**
     * Of the two sides of a proxy.
     *
     * @param proxies {@code namespace/account}; where those differ among themselves, the newest counts
     */
    synchronized void note(String proxies, Map<String, Integer> inbound, Map<String, Integer> outbound) {
        Map<String, Integer> both = new TreeMap<>(inbound);
        outbound.forEach((patch, times) -> both.merge(patch, times, Integer::sum));
        both.forEach((patch, times) -> {
            Integer before = applied.put(new Place(patch, proxies), times);
            if (before != null && before.equals(times)) {
                return;
            }
            if (times == 0) {
                LOG.warn(
                        "EnvoyFilter {} changes nothing for proxies of {} (expected: its match fits something"
                                + " that they have)",
                        patch,
                        proxies);
            } else {
                LOG.info("EnvoyFilter {} applied {} times for proxies of {}", patch, times, proxies);
            }
        });
    }

    /** Forgets patches that are no more. */
    synchronized void keepOnly(MeshSnapshot mesh) {
        var names = mesh.policies().envoyFilters().stream()
                .flatMap(f -> f.patches().stream())
                .map(Patch::name)
                .collect(Collectors.toSet());
        applied.keySet().removeIf(place -> !names.contains(place.patch));
    }

    /** Prometheus' text format. Names consist of what Kubernetes allows, so that nothing needs escaping. */
    public synchronized String render() {
        String head = """
            # HELP lateen_envoy_filter_patch_applied Places that a patch changed in a proxy's configuration.
            # TYPE lateen_envoy_filter_patch_applied gauge
            """;
        return Stream.concat(
                        Stream.of(head),
                        applied.entrySet().stream()
                                .map(e -> "lateen_envoy_filter_patch_applied{patch=\""
                                        + e.getKey().patch + "\",proxies=\"" + e.getKey().proxies + "\"} "
                                        + e.getValue() + "\n"))
                .collect(Collectors.joining());
    }
}
