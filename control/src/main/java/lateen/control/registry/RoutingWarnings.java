package lateen.control.registry;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import lateen.control.source.ConfigObject;
import lateen.control.source.Destination;
import lateen.control.source.DestinationRule;
import lateen.control.source.ExportTo;
import lateen.control.source.HttpRoute;
import lateen.control.source.Problems;
import lateen.control.source.TcpRoute;
import lateen.control.source.VirtualService;

/** Routing rules that are allowed and yet hardly meant: without effect, or to a place that is not there. */
final class RoutingWarnings {

    private final MeshSnapshot mesh;
    private final Routing routing;
    private final Problems problems;

    private RoutingWarnings(MeshSnapshot mesh, Problems problems) {
        this.mesh = mesh;
        this.routing = mesh.routing();
        this.problems = problems;
    }

    static void report(MeshSnapshot mesh, Problems problems) {
        RoutingWarnings warnings = new RoutingWarnings(mesh, problems);
        warnings.conflicts();
        warnings.sameRules();
        mesh.routing().virtualServices().forEach(warnings::destinations);
        mesh.routing().virtualServices().forEach(warnings::protocols);
    }

    private void conflicts() {
        Map<String, List<VirtualService>> seen = new HashMap<>();
        for (VirtualService each : routing.virtualServices()) {
            if (!each.mesh()) {
                continue;
            }
            for (String host : new HashSet<>(routing.hosts(each))) {
                List<VirtualService> others = seen.computeIfAbsent(host, _ -> new ArrayList<>());
                others.stream()
                        .filter(o -> overlap(o, o.exportTo(), each, each.exportTo()))
                        .findFirst()
                        .ifPresent(first -> conflict(host, each, first));
                others.add(each);
            }
        }
    }

    private void conflict(String host, VirtualService later, VirtualService first) {
        problems.warn(
                later.meta(),
                "spec.hosts",
                '"' + host + "\" has no effect: VirtualService \""
                        + first.meta().key() + "\" (" + first.meta().origin()
                        + ") is for the same host and comes first");
    }

    /** Rules for one host in one namespace are merged, which hides parts of the later. */
    private void sameRules() {
        Map<List<String>, DestinationRule> first = new HashMap<>();
        for (DestinationRule rule : routing.destinationRules()) {
            DestinationRule other = first.putIfAbsent(List.of(rule.meta().namespace(), routing.host(rule)), rule);
            if (other == null || !overlap(other, other.exportTo(), rule, rule.exportTo())) {
                continue;
            }
            String where = "DestinationRule \"" + other.meta().key() + "\" ("
                    + other.meta().origin() + ") is for the same host and comes first";
            if (rule.policy() != null && other.policy() != null) {
                problems.warn(rule.meta(), "spec.trafficPolicy", "has no effect: " + where);
            }
            Set<String> names = new HashSet<>();
            other.subsets().forEach(s -> names.add(s.name()));
            rule.subsets().stream()
                    .filter(s -> names.contains(s.name()))
                    .forEach(s ->
                            problems.warn(rule.meta(), "spec.subsets", '"' + s.name() + "\" has no effect: " + where));
        }
    }

    private static boolean overlap(ConfigObject a, ExportTo fromA, ConfigObject b, ExportTo fromB) {
        return fromA.everywhere()
                || fromB.everywhere()
                || spaces(a, fromA).stream().anyMatch(spaces(b, fromB)::contains);
    }

    private static Set<String> spaces(ConfigObject object, ExportTo to) {
        Set<String> spaces = new HashSet<>(to.namespaces());
        if (spaces.remove(".")) {
            spaces.add(object.meta().namespace());
        }
        return spaces;
    }

    /** HTTP routes for a host that has no HTTP port are never asked; TCP routes likewise. */
    private void protocols(VirtualService service) {
        for (String host : routing.hosts(service)) {
            Service target = mesh.services().get(host);
            if (target != null) {
                protocol(service, target, "http", !service.http().isEmpty(), true);
                protocol(service, target, "tcp", !service.tcp().isEmpty(), false);
            }
        }
    }

    private void protocol(VirtualService service, Service target, String field, boolean has, boolean http) {
        if (has && target.ports().stream().noneMatch(p -> p.protocol().isHttp() == http)) {
            problems.warn(
                    service.meta(),
                    "spec." + field,
                    "has no effect: " + target.host() + " (" + target.origin() + ") has no such port");
        }
    }

    private void destinations(VirtualService service) {
        for (HttpRoute route : service.http()) {
            if (route.action() instanceof HttpRoute.Action.Forward forward) {
                forward.destinations().forEach(d -> destination(service, d.destination()));
            }
        }
        for (TcpRoute route : service.tcp()) {
            route.destinations().forEach(d -> destination(service, d.destination()));
        }
    }

    private void destination(VirtualService service, Destination destination) {
        String host = routing.resolve(destination.host(), service.meta().namespace());
        Service target = mesh.services().get(host);
        Integer port = destination.port();
        String subset = destination.subset();
        if (target == null) {
            problems.warn(
                    destination.origin(),
                    destination.path() + ".host",
                    '"' + host + "\" is no service of the mesh: requests there fail");
        } else if (port != null && target.ports().stream().noneMatch(p -> p.port() == port)) {
            problems.warn(
                    destination.origin(),
                    destination.path() + ".port",
                    port + " is no port of " + host + " (" + target.origin() + "): requests there fail");
        } else if (subset != null && !hasSubset(target, subset, service)) {
            problems.warn(
                    destination.origin(),
                    destination.path() + ".subset",
                    '"' + subset + "\" is in no DestinationRule for " + host + ": requests there fail");
        }
    }

    /** From the namespace of the VirtualService; callers elsewhere may see other rules. */
    private boolean hasSubset(Service target, String subset, VirtualService service) {
        DestinationRule rule = routing.destinationRule(target, service.meta().namespace());
        return rule != null && rule.subsets().stream().anyMatch(s -> s.name().equals(subset));
    }
}
