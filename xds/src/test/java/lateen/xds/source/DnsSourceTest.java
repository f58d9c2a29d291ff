package lateen.xds.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import lateen.xds.ResourceType;
import lateen.xds.source.DnsNames.Family;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DnsSourceTest {

    private final Map<String, List<InetAddress>> zone = new ConcurrentHashMap<>();
    private final AtomicInteger asked = new AtomicInteger();
    private final List<String> told = new CopyOnWriteArrayList<>();
    private final List<String> hostnames = new CopyOnWriteArrayList<>();
    private final ClientThread thread = new ClientThread();
    private final List<DnsSource> open = new ArrayList<>();

    @AfterEach
    void stop() {
        open.forEach(each -> thread.run(each::close));
        thread.close();
    }

    private List<InetAddress> resolve(String host) throws UnknownHostException {
        asked.incrementAndGet();
        List<InetAddress> found = zone.get(host);
        if (found == null) {
            throw new UnknownHostException(host);
        }
        return found;
    }

    private void zone(String host, String... addresses) throws UnknownHostException {
        List<InetAddress> all = new ArrayList<>();
        for (String each : addresses) {
            all.add(InetAddress.getByName(each));
        }
        zone.put(host, all);
    }

    private void start(boolean logical, Family family, String... hosts) {
        ClusterLoadAssignment.Builder assignment =
                ClusterLoadAssignment.newBuilder().setClusterName("dns:a");
        for (String host : hosts) {
            assignment
                    .addEndpointsBuilder()
                    .addLbEndpointsBuilder()
                    .getEndpointBuilder()
                    .getAddressBuilder()
                    .getSocketAddressBuilder()
                    .setAddress(host)
                    .setPortValue(80);
        }
        DnsNames names = new DnsNames(
                assignment.build(),
                logical,
                family,
                Duration.ofMillis(20),
                Duration.ofMillis(20),
                Duration.ofMillis(40));
        DnsSource source = new DnsSource(
                names,
                this::resolve,
                Runnable::run,
                new Backoff(names.failureFirst(), names.failureLongest(), RandomGenerator.getDefault()),
                new Events(),
                thread);
        open.add(source);
        thread.run(() -> {
            source.want(ResourceType.ENDPOINT, Set.of("dns:a"), false);
            source.start();
        });
    }

    @ParameterizedTest
    @CsvSource({
        "AUTO, false, 2001:db8:0:0:0:0:0:1",
        "V4_ONLY, false, 10.0.0.1 10.0.0.2",
        "V6_ONLY, false, 2001:db8:0:0:0:0:0:1",
        "V4_PREFERRED, false, 10.0.0.1 10.0.0.2",
        "ALL, false, 10.0.0.1 2001:db8:0:0:0:0:0:1 10.0.0.2",
        "V4_ONLY, true, 10.0.0.1"
    })
    void whichAddressesCount(Family family, boolean logical, String expected) throws Exception {
        zone("app", "10.0.0.1", "2001:db8::1", "10.0.0.2");
        start(logical, family, "app");
        await().until(() -> told.contains(expected));
    }

    @Test
    void aChangeIsToldAndTheSameAgainIsNot() throws Exception {
        zone("app", "10.0.0.1");
        start(false, Family.AUTO, "app");
        await().until(() -> asked.get() > 3);
        assertThat(told).containsExactly("10.0.0.1");
        zone("app", "10.0.0.2");
        await().until(() -> told.size() == 2);
        assertThat(told).containsExactly("10.0.0.1", "10.0.0.2");
    }

    @Test
    void aNameThatIsLostKeepsItsAddresses() throws Exception {
        zone("app", "10.0.0.1");
        zone("other", "10.0.0.9");
        start(false, Family.AUTO, "app", "other");
        await().until(() -> told.contains("10.0.0.1 10.0.0.9"));
        assertThat(hostnames).containsExactly("app", "other");
        zone.remove("app");
        zone("other", "10.0.0.8");
        await().until(() -> told.size() == 2);
        assertThat(told.getLast()).isEqualTo("10.0.0.1 10.0.0.8");
    }

    @Test
    void aNameThatNeverWasEndsTheWaitingAndIsAskedAgain() throws Exception {
        start(false, Family.AUTO, "app");
        await().until(() -> told.contains(""));
        zone("app", "10.0.0.1");
        await().until(() -> told.contains("10.0.0.1"));
    }

    private final class Events implements SourceEvents {
        @Override
        public @Nullable String received(Update update) {
            try {
                List<String> addresses = new ArrayList<>();
                hostnames.clear();
                ClusterLoadAssignment.parseFrom(update.items().getFirst().body().getValue())
                        .getEndpointsList()
                        .forEach(locality -> locality.getLbEndpointsList().forEach(each -> {
                            hostnames.add(each.getEndpoint().getHostname());
                            addresses.add(each.getEndpoint()
                                    .getAddress()
                                    .getSocketAddress()
                                    .getAddress());
                        }));
                told.add(String.join(" ", addresses));
                return null;
            } catch (InvalidProtocolBufferException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void answered() {}

        @Override
        public void disconnected(String reason) {}

        @Override
        public Map<String, String> versions(ResourceType type) {
            return Map.of();
        }
    }
}
