package lateen.xds.source;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import lateen.xds.ResourceType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks names up, again and again, and hands over what they stand for as endpoints. A name that cannot be looked up keeps
 * its last addresses; one that never could be has none, which ends the waiting of its cluster, as in Envoy.
 */
public final class DnsSource implements Source {

    private static final Logger LOG = LoggerFactory.getLogger(DnsSource.class);

    private final DnsNames names;
    private final Resolver resolver;
    private final Executor lookups;
    private final Backoff failures;
    private final SourceEvents events;
    private final ClientThread thread;
    private final Map<String, List<InetAddress>> known = new HashMap<>();
    private @Nullable ClusterLoadAssignment told;
    private ClientThread.@Nullable Timer next;
    private boolean wanted;
    private boolean started;
    private boolean closed;

    /** Blocks until it knows. */
    @FunctionalInterface
    public interface Resolver {
        /** The system's: hosts file, DNS and whatever else it is set to. */
        Resolver SYSTEM = host -> Arrays.asList(InetAddress.getAllByName(host));

        List<InetAddress> resolve(String host) throws UnknownHostException;
    }

    private record Answer(
            Map<String, List<InetAddress>> found, @Nullable String failure) {}

    /**
     * @param lookups on which the resolver may block
     * @param failures waits after failures
     * @param thread the client's
     */
    public DnsSource(
            DnsNames names,
            Resolver resolver,
            Executor lookups,
            Backoff failures,
            SourceEvents events,
            ClientThread thread) {
        this.names = names;
        this.resolver = resolver;
        this.lookups = lookups;
        this.failures = failures;
        this.events = events;
        this.thread = thread;
    }

    @Override
    public void start() {
        started = true;
        look();
    }

    @Override
    public void want(ResourceType type, Set<String> wantedNames, boolean wildcard) {
        boolean before = wanted;
        wanted = wantedNames.contains(names.assignment().getClusterName());
        if (wanted && !before && started) {
            look();
        }
    }

    @Override
    public void reconnect(String reason) {
        // There is no connection.
    }

    @Override
    public void close() {
        closed = true;
        if (next != null) {
            next.cancel();
        }
    }

    private void look() {
        if (closed || !wanted) {
            return;
        }
        if (next != null) {
            next.cancel();
        }
        Set<String> hosts = hosts();
        lookups.execute(() -> {
            Answer answer = resolve(hosts);
            thread.run(() -> answered(answer));
        });
    }

    private Set<String> hosts() {
        Set<String> hosts = new LinkedHashSet<>();
        for (LocalityLbEndpoints locality : names.assignment().getEndpointsList()) {
            for (LbEndpoint endpoint : locality.getLbEndpointsList()) {
                hosts.add(endpoint.getEndpoint().getAddress().getSocketAddress().getAddress());
            }
        }
        return hosts;
    }

    private Answer resolve(Set<String> hosts) {
        Map<String, List<InetAddress>> found = new HashMap<>();
        String failure = null;
        for (String host : hosts) {
            try {
                List<InetAddress> chosen = choose(resolver.resolve(host));
                if (chosen.isEmpty()) {
                    failure = host + ": no address of family " + names.family();
                } else {
                    found.put(host, chosen);
                }
            } catch (UnknownHostException e) {
                failure = host + ": " + e.getMessage();
            }
        }
        return new Answer(found, failure);
    }

    private List<InetAddress> choose(List<InetAddress> all) {
        List<InetAddress> v6 =
                all.stream().filter(each -> each instanceof Inet6Address).toList();
        List<InetAddress> v4 =
                all.stream().filter(each -> !(each instanceof Inet6Address)).toList();
        List<InetAddress> chosen = switch (names.family()) {
            case AUTO -> v6.isEmpty() ? v4 : v6;
            case V4_ONLY -> v4;
            case V6_ONLY -> v6;
            case V4_PREFERRED -> v4.isEmpty() ? v6 : v4;
            case ALL -> all;
        };
        return names.logical() && chosen.size() > 1 ? List.of(chosen.getFirst()) : chosen;
    }

    private void answered(Answer answer) {
        if (closed) {
            return;
        }
        known.putAll(answer.found);
        Duration wait = names.refresh();
        if (answer.failure == null) {
            failures.reset();
        } else {
            wait = failures.next();
            LOG.warn(
                    "cluster '{}': {}; its last addresses stay, next attempt in {} ms",
                    names.assignment().getClusterName(),
                    answer.failure,
                    wait.toMillis());
        }
        ClusterLoadAssignment resolved = assignment();
        if (!resolved.equals(told)) {
            told = resolved;
            String name = resolved.getClusterName();
            String refusal = events.received(new Update(
                    ResourceType.ENDPOINT,
                    "",
                    List.of(new Update.Item(name, "", Any.pack(resolved))),
                    List.of(),
                    false));
            if (refusal != null) {
                LOG.warn("{}", refusal);
            }
            events.answered();
        }
        // After a first failure Envoy starts with an empty cluster and goes on asking.
        next = thread.after(wait, this::look);
    }

    private ClusterLoadAssignment assignment() {
        ClusterLoadAssignment.Builder resolved = names.assignment().toBuilder().clearEndpoints();
        for (LocalityLbEndpoints locality : names.assignment().getEndpointsList()) {
            List<LbEndpoint> endpoints = new ArrayList<>();
            Set<InetAddress> seen = new LinkedHashSet<>();
            for (LbEndpoint endpoint : locality.getLbEndpointsList()) {
                SocketAddress name = endpoint.getEndpoint().getAddress().getSocketAddress();
                seen.clear();
                seen.addAll(known.getOrDefault(name.getAddress(), List.of()));
                for (InetAddress address : seen) {
                    LbEndpoint.Builder each = endpoint.toBuilder();
                    if (endpoint.getEndpoint().getHostname().isEmpty()) {
                        each.getEndpointBuilder().setHostname(name.getAddress());
                    }
                    each.getEndpointBuilder()
                            .getAddressBuilder()
                            .getSocketAddressBuilder()
                            .setAddress(address.getHostAddress().replaceFirst("%.*", ""));
                    endpoints.add(each.build());
                }
            }
            resolved.addEndpoints(locality.toBuilder().clearLbEndpoints().addAllLbEndpoints(endpoints));
        }
        return resolved.build();
    }
}
