package lateen.control.registry;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import lateen.control.source.AuthorizationPolicy;
import lateen.control.source.ConfigObject;
import lateen.control.source.DestinationRule;
import lateen.control.source.EnvoyFilter;
import lateen.control.source.KubeService;
import lateen.control.source.MeshConfig;
import lateen.control.source.ObjectMeta;
import lateen.control.source.PeerAuthentication;
import lateen.control.source.Problems;
import lateen.control.source.VirtualService;
import lateen.control.source.WorkloadEntry;
import lateen.decision.net.IpAddress;
import org.jspecify.annotations.Nullable;

/** The objects of one load → a snapshot. What only shows between objects is checked here. */
public final class MeshBuilder {

    private final MeshSettings defaults;
    private final AddressPool pool;
    private final Problems problems;

    private MeshBuilder(MeshSettings defaults, AddressPool pool, Problems problems) {
        this.defaults = defaults;
        this.pool = pool;
        this.problems = problems;
    }

    /** A snapshot, to be used only when no error was added to {@code problems}. */
    public static MeshSnapshot build(
            List<ConfigObject> objects, MeshSettings defaults, AddressPool pool, Problems problems) {
        return new MeshBuilder(defaults, pool, problems).build(objects);
    }

    private MeshSnapshot build(List<ConfigObject> objects) {
        MeshSettings settings = settings(of(objects, MeshConfig.class));
        List<Workload> workloads = of(objects, WorkloadEntry.class).stream()
                .map(MeshBuilder::workload)
                .sorted(Comparator.comparing(Workload::namespace).thenComparing(Workload::name))
                .toList();
        TreeMap<String, KubeService> byHost = new TreeMap<>();
        for (KubeService service : of(objects, KubeService.class)) {
            byHost.putIfAbsent(host(service.meta(), settings), service);
        }
        Map<String, List<IpAddress>> addresses = addresses(byHost);
        TreeMap<String, Service> services = new TreeMap<>();
        byHost.forEach((host, service) ->
                services.put(host, service(host, service, addresses.getOrDefault(host, List.of()), workloads)));
        Policies policies = new Policies(
                settings.rootNamespace(),
                of(objects, PeerAuthentication.class),
                of(objects, AuthorizationPolicy.class),
                of(objects, EnvoyFilter.class));
        Routing routing = new Routing(settings, of(objects, VirtualService.class), of(objects, DestinationRule.class));
        MeshSnapshot snapshot = new MeshSnapshot(settings, services, workloads, policies, routing);
        PolicyWarnings.report(snapshot, problems);
        List<MeshConfig> configs = of(objects, MeshConfig.class);
        ProviderLookup.report(snapshot, configs.isEmpty() ? null : configs.getFirst(), problems);
        RoutingWarnings.report(snapshot, problems);
        return snapshot;
    }

    private MeshSettings settings(List<MeshConfig> configs) {
        for (MeshConfig config : configs) {
            if (!config.meta().namespace().equals(defaults.rootNamespace())) {
                problems.error(
                        config.meta(),
                        "metadata.namespace",
                        '"' + config.meta().namespace() + "\" (expected: " + defaults.rootNamespace() + ")");
            }
        }
        if (configs.isEmpty()) {
            return defaults;
        }
        MeshConfig mesh = configs.getFirst();
        if (mesh.trustDomain() != null && !mesh.trustDomain().equals(defaults.trustDomain())) {
            problems.error(
                    mesh.meta(),
                    "data.mesh",
                    "trustDomain \"" + mesh.trustDomain() + "\" (expected: " + defaults.trustDomain()
                            + ", with which the control plane was started)");
        }
        return new MeshSettings(
                defaults.trustDomain(),
                defaults.rootNamespace(),
                defaults.domain(),
                MeshSettings.AccessLog.of(mesh),
                mesh.providers());
    }

    private static Workload workload(WorkloadEntry entry) {
        Map<String, String> labels = new HashMap<>(entry.meta().labels());
        labels.putAll(entry.labels());
        return new Workload(
                entry.meta().namespace(),
                entry.meta().name(),
                entry.serviceAccount(),
                entry.addresses(),
                labels,
                entry.ports(),
                entry.weight(),
                "istio".equals(labels.get(Workload.TLS_MODE)),
                entry.meta().origin());
    }

    /** Own addresses first, so that a given one never takes them. */
    private Map<String, List<IpAddress>> addresses(NavigableMap<String, KubeService> services) {
        Map<IpAddress, KubeService> own = new HashMap<>();
        Map<String, List<IpAddress>> out = new HashMap<>();
        services.forEach((host, service) -> {
            for (IpAddress address : service.clusterIps()) {
                KubeService first = own.putIfAbsent(address, service);
                if (first != null) {
                    problems.error(
                            service.meta(),
                            "spec.clusterIP",
                            address + " is also that of \"" + first.meta().key() + "\" ("
                                    + first.meta().at("spec.clusterIP") + ")");
                }
                out.computeIfAbsent(host, _ -> new ArrayList<>()).add(address);
            }
        });
        give(services, own, false, out);
        give(services, own, true, out);
        out.values().forEach(list -> list.sort(Comparator.comparing(IpAddress::v6)));
        return out;
    }

    private void give(
            NavigableMap<String, KubeService> services,
            Map<IpAddress, KubeService> own,
            boolean v6,
            Map<String, List<IpAddress>> out) {
        List<String> hosts = services.entrySet().stream()
                .filter(e -> e.getValue().wants(v6))
                .map(Map.Entry::getKey)
                .toList();
        Map<String, IpAddress> given = new HashMap<>();
        pool.given()
                .forEach((host, addresses) ->
                        addresses.stream().filter(a -> a.v6() == v6).forEach(a -> given.put(host, a)));
        var range = v6 ? pool.v6() : pool.v4();
        Map<String, IpAddress> assigned = VirtualAddresses.assign(range, hosts, given, own.keySet());
        if (assigned == null) {
            // One of those that came last is left out, and the rest tried again.
            String last = hosts.stream().filter(h -> !given.containsKey(h)).reduce(hosts.getLast(), (_, h) -> h);
            problems.error(
                    services.getOrDefault(last, services.firstEntry().getValue())
                            .meta(),
                    "spec.clusterIP",
                    hosts.size() + " Services want an address of " + range + " (expected: fewer, or a wider range)");
            return;
        }
        assigned.forEach((host, address) ->
                out.computeIfAbsent(host, _ -> new ArrayList<>()).add(address));
    }

    private Service service(String host, KubeService from, List<IpAddress> addresses, List<Workload> workloads) {
        List<Workload> chosen = from.selector().isEmpty()
                ? List.of()
                : workloads.stream()
                        .filter(w -> w.namespace().equals(from.meta().namespace()) && w.matches(from.selector()))
                        .toList();
        List<Service.Port> ports = new ArrayList<>();
        for (KubeService.Port port : from.ports()) {
            switch (port.transport()) {
                case UDP -> problems.warn(port.origin(), port.path(), "is UDP, which the mesh does not carry");
                case TCP -> ports.add(port(port, chosen));
            }
        }
        return new Service(
                host,
                from.meta().name(),
                from.meta().namespace(),
                addresses,
                ports,
                chosen,
                from.meta().origin());
    }

    private Service.Port port(KubeService.Port port, List<Workload> workloads) {
        Protocol protocol = Protocol.of(port.appProtocol(), port.name());
        if (protocol == null) {
            String told = port.appProtocol() == null ? '"' + port.name() + '"' : '"' + port.appProtocol() + '"';
            problems.warn(
                    port.origin(),
                    port.path(),
                    told + " does not tell the protocol; treated as tcp (expected: http, tcp, tls, … or http-…)");
            protocol = Protocol.TCP;
        }
        List<Service.Endpoint> endpoints = new ArrayList<>();
        for (Workload workload : workloads) {
            Integer target = target(port, workload);
            if (target == null) {
                problems.warn(
                        workload.origin(),
                        "spec.ports",
                        "has no \"" + port.target() + "\", to which the Service's port " + port.port() + " ("
                                + port.origin() + ") is directed; it gets no traffic there");
            } else {
                endpoints.add(new Service.Endpoint(workload, target));
            }
        }
        return new Service.Port(port.name(), port.port(), protocol, endpoints, port.origin());
    }

    /** Istio's order: the workload's own entry for the port's name, then the Service's target. */
    private static @Nullable Integer target(KubeService.Port port, Workload workload) {
        Integer own = workload.ports().get(port.name());
        if (own != null) {
            return own;
        }
        String target = port.target();
        if (target == null) {
            return port.port();
        }
        return Character.isDigit(target.charAt(0)) && target.chars().allMatch(Character::isDigit)
                ? Integer.valueOf(target)
                : workload.ports().get(target);
    }

    private static String host(ObjectMeta meta, MeshSettings settings) {
        return meta.name() + "." + meta.namespace() + ".svc." + settings.domain();
    }

    private static <T extends ConfigObject> List<T> of(List<ConfigObject> objects, Class<T> type) {
        return objects.stream().filter(type::isInstance).map(type::cast).toList();
    }
}
