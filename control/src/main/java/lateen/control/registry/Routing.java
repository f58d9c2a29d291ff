package lateen.control.registry;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import lateen.control.source.ConfigObject;
import lateen.control.source.DestinationRule;
import lateen.control.source.HttpMatch;
import lateen.control.source.HttpMatch.SourceMatch;
import lateen.control.source.HttpRoute;
import lateen.control.source.TcpRoute;
import lateen.control.source.VirtualService;
import org.jspecify.annotations.Nullable;

/** Which VirtualService and which DestinationRule hold for a host, seen from a namespace. Immutable. */
public final class Routing {

    /** Istio: by creation, then by name and namespace. */
    static final Comparator<ConfigObject> OLDEST_FIRST = Comparator.comparing(
                    (ConfigObject o) -> o.meta().created(), Comparator.nullsFirst(Comparator.naturalOrder()))
            .thenComparing(o -> o.meta().name() + "." + o.meta().namespace());

    private final MeshSettings settings;
    private final List<VirtualService> virtualServices;
    private final List<DestinationRule> destinationRules;

    /** Those with this host, resolved, oldest first. */
    private final Map<String, List<VirtualService>> servicesByHost = new HashMap<>();

    private final List<String> servicePatterns;

    /** By namespace, then by resolved host, oldest first. */
    private final Map<String, Map<String, List<DestinationRule>>> rules = new HashMap<>();

    Routing(MeshSettings settings, List<VirtualService> virtualServices, List<DestinationRule> destinationRules) {
        this.settings = settings;
        this.virtualServices = virtualServices.stream().sorted(OLDEST_FIRST).toList();
        this.destinationRules = destinationRules.stream().sorted(OLDEST_FIRST).toList();
        for (VirtualService each : this.virtualServices) {
            if (each.mesh()) {
                new HashSet<>(hosts(each))
                        .forEach(h -> servicesByHost
                                .computeIfAbsent(h, _ -> new ArrayList<>())
                                .add(each));
            }
        }
        this.servicePatterns = servicesByHost.keySet().stream()
                .filter(HostNames::isPattern)
                .sorted(HostNames.MOST_SPECIFIC_FIRST)
                .toList();
        for (DestinationRule each : this.destinationRules) {
            rules.computeIfAbsent(each.meta().namespace(), _ -> new HashMap<>())
                    .computeIfAbsent(host(each), _ -> new ArrayList<>())
                    .add(each);
        }
    }

    /** Oldest first. */
    public List<VirtualService> virtualServices() {
        return virtualServices;
    }

    /** Oldest first. */
    public List<DestinationRule> destinationRules() {
        return destinationRules;
    }

    public int size() {
        return virtualServices.size() + destinationRules.size();
    }

    /** Full names, or patterns. */
    public List<String> hosts(VirtualService service) {
        return service.hosts().stream()
                .map(h -> resolve(h, service.meta().namespace()))
                .toList();
    }

    String host(DestinationRule rule) {
        return resolve(rule.host(), rule.meta().namespace());
    }

    /**
     * @param host of a route's destination
     * @param namespace of the object in which it stands
     */
    public String resolve(String host, String namespace) {
        return HostNames.resolve(host, namespace, settings.domain());
    }

    /** The one for a host: the most exact, then the oldest. Null: none is seen from this namespace. */
    public @Nullable VirtualService virtualService(String host, String caller) {
        return Stream.concat(Stream.of(host), servicePatterns.stream().filter(p -> HostNames.matches(p, host)))
                .map(h -> seen(servicesByHost.getOrDefault(h, List.of()), caller))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    /** The one that a host or pattern leads to when it stands there literally. */
    @Nullable
    VirtualService literally(String hostOrPattern, String caller) {
        return seen(servicesByHost.getOrDefault(hostOrPattern, List.of()), caller);
    }

    private static @Nullable VirtualService seen(List<VirtualService> all, String caller) {
        return all.stream()
                .filter(v -> v.exportTo().isSeenFrom(caller, v.meta().namespace()))
                .findFirst()
                .orElse(null);
    }

    /** Hosts that are no service's, with the one that holds for each. They exist through their VirtualService only. */
    public Map<String, VirtualService> otherHosts(Set<String> services, String caller) {
        Map<String, VirtualService> others = new HashMap<>();
        for (String host : servicesByHost.keySet()) {
            VirtualService service = literally(host, caller);
            boolean none = HostNames.isPattern(host)
                    ? services.stream().noneMatch(s -> HostNames.matches(host, s))
                    : !services.contains(host);
            if (service != null && none) {
                others.put(host, service);
            }
        }
        return others;
    }

    /**
     * Rules for a service, made one. Istio's order of places: the caller's namespace, the service's, the root's; in the
     * first that has any for the host the most exact host counts, and several for one host are merged: subsets of the
     * older come first, the oldest policy counts. Null: none.
     */
    public @Nullable DestinationRule destinationRule(Service service, String caller) {
        boolean rootCalls = caller.equals(settings.rootNamespace());
        DestinationRule own = rootCalls ? null : find(service.host(), caller, caller);
        if (own != null) {
            return own;
        }
        DestinationRule theirs = find(service.host(), service.namespace(), caller);
        return theirs != null ? theirs : find(service.host(), settings.rootNamespace(), caller);
    }

    private @Nullable DestinationRule find(String host, String namespace, String caller) {
        Map<String, List<DestinationRule>> here = rules.getOrDefault(namespace, Map.of());
        return here.keySet().stream()
                .filter(h -> HostNames.matches(h, host))
                .sorted(HostNames.MOST_SPECIFIC_FIRST)
                .map(h -> merged(here.getOrDefault(h, List.of()).stream()
                        .filter(r -> r.exportTo().isSeenFrom(caller, namespace))
                        .toList()))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    private static @Nullable DestinationRule merged(List<DestinationRule> all) {
        if (all.size() < 2) {
            return all.isEmpty() ? null : all.getFirst();
        }
        DestinationRule first = all.getFirst();
        Set<String> names = new HashSet<>();
        List<DestinationRule.Subset> subsets = all.stream()
                .flatMap(r -> r.subsets().stream())
                .filter(s -> names.add(s.name()))
                .toList();
        return new DestinationRule(
                first.meta(),
                first.host(),
                first.exportTo(),
                all.stream()
                        .map(DestinationRule::policy)
                        .filter(Objects::nonNull)
                        .findFirst()
                        .orElse(null),
                subsets);
    }

    /** Labels of a caller that some route asks for; others make no difference to what it gets. */
    public Map<String, String> thatMatter(Map<String, String> labels) {
        Set<String> asked = new TreeSet<>();
        virtualServices.forEach(
                v -> sources(v).forEach(s -> asked.addAll(s.labels().keySet())));
        Map<String, String> out = new HashMap<>(labels);
        out.keySet().retainAll(asked);
        return out;
    }

    private static Stream<SourceMatch> sources(VirtualService service) {
        return Stream.concat(
                service.http().stream()
                        .map(HttpRoute::matches)
                        .flatMap(List::stream)
                        .map(HttpMatch::source),
                service.tcp().stream()
                        .map(TcpRoute::matches)
                        .flatMap(List::stream)
                        .map(TcpRoute.Match::source));
    }
}
