package lateen.xdsserver;

import static lateen.xds.ResourceType.CLUSTER;
import static lateen.xds.ResourceType.ENDPOINT;
import static lateen.xds.ResourceType.LISTENER;
import static lateen.xds.ResourceType.ROUTE;
import static lateen.xds.ResourceType.SECRET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AdsServiceTest extends ServedConfig {

    @Test
    void a_changed_cluster_gets_its_endpoints_again() throws Exception {
        serve("CLUSTER a=1 b=1", "ENDPOINT a=1 b=1");
        RawProxy proxy = new RawProxy(channel);
        proxy.subscribe(CLUSTER);
        proxy.nextAcked();
        proxy.subscribe(ENDPOINT, "a", "b");
        proxy.nextAcked();
        serve("CLUSTER a=2 b=1", "ENDPOINT a=1 b=1");
        assertThat(proxy.nextAcked()).isEqualTo("CLUSTER +a");
        assertThat(proxy.nextAcked()).isEqualTo("ENDPOINT +a");
    }

    @Test
    void wildcard_and_named_subscriptions_get_what_they_ask_for() throws Exception {
        serve("CLUSTER a=1 b=1", "ENDPOINT a=1 b=1 c=1");
        RawProxy proxy = new RawProxy(channel);
        proxy.subscribe(CLUSTER);
        assertThat(proxy.nextAcked()).isEqualTo("CLUSTER +a +b");
        proxy.subscribe(ENDPOINT, "b");
        assertThat(proxy.nextAcked()).isEqualTo("ENDPOINT +b");
    }

    @Test
    void a_change_sends_only_the_difference_and_removals_last() throws Exception {
        serve("CLUSTER old=1 same=1", "LISTENER l=1", "ROUTE r=1", "ENDPOINT old=1");
        RawProxy proxy = new RawProxy(channel);
        proxy.subscribe(CLUSTER, "*");
        proxy.nextAcked();
        proxy.subscribe(LISTENER);
        proxy.nextAcked();
        proxy.subscribe(ROUTE, "r");
        proxy.nextAcked();
        proxy.subscribe(ENDPOINT, "old");
        proxy.nextAcked();
        serve("CLUSTER new=1 same=1", "LISTENER l=2", "ROUTE r=2");
        assertThat(List.of(
                        proxy.nextAcked(), proxy.nextAcked(), proxy.nextAcked(), proxy.nextAcked(), proxy.nextAcked()))
                .containsExactly("CLUSTER +new", "LISTENER +l", "ROUTE +r", "CLUSTER -old", "ENDPOINT -old");
    }

    @Test
    void after_a_reconnect_equal_versions_are_not_sent_and_removals_are() throws Exception {
        serve("CLUSTER a=1 b=2");
        RawProxy proxy = new RawProxy(channel);
        proxy.reconnect(CLUSTER, Map.of("a", version("a", "1"), "b", version("b", "1"), "gone", "x"));
        assertThat(proxy.nextAcked()).isEqualTo("CLUSTER +b");
        assertThat(proxy.nextAcked()).isEqualTo("CLUSTER -gone");
    }

    @Test
    void the_first_wildcard_request_is_answered_even_when_there_is_nothing() throws Exception {
        RawProxy proxy = new RawProxy(channel);
        proxy.subscribe(LISTENER);
        assertThat(proxy.nextAcked()).isEqualTo("LISTENER");
    }

    @Test
    void a_missing_name_is_answered_as_removed_and_sent_when_it_appears() throws Exception {
        RawProxy proxy = new RawProxy(channel);
        proxy.subscribe(ENDPOINT, "later");
        assertThat(proxy.nextAcked()).isEqualTo("ENDPOINT -later");
        serve("ENDPOINT later=1");
        assertThat(proxy.nextAcked()).isEqualTo("ENDPOINT +later");
    }

    @Test
    void a_name_subscribed_again_is_sent_again_and_an_unsubscribed_one_no_more() throws Exception {
        serve("ENDPOINT a=1 b=1");
        RawProxy proxy = new RawProxy(channel);
        proxy.subscribe(ENDPOINT, "a");
        proxy.nextAcked();
        proxy.subscribe(ENDPOINT, "a");
        assertThat(proxy.nextAcked()).isEqualTo("ENDPOINT +a");
        proxy.send(proxy.request(ENDPOINT).addResourceNamesUnsubscribe("a").addResourceNamesSubscribe("b"));
        assertThat(proxy.nextAcked()).isEqualTo("ENDPOINT +b");
        serve("ENDPOINT a=2 b=2");
        assertThat(proxy.nextAcked()).isEqualTo("ENDPOINT +b");
    }

    @Test
    void while_a_response_is_unanswered_only_the_newest_state_is_kept() throws Exception {
        serve("CLUSTER a=1");
        RawProxy proxy = new RawProxy(channel);
        proxy.subscribe(CLUSTER);
        DeltaDiscoveryResponse unanswered = proxy.next();
        for (int i = 2; i <= 50; i++) {
            serve("CLUSTER a=" + i);
        }
        proxy.ack(unanswered);
        DeltaDiscoveryResponse newest = proxy.next();
        assertThat(newest.getResources(0).getVersion()).isEqualTo(version("a", "50"));
        proxy.ack(newest);
        await().until(() -> events.stream().filter(e -> e.startsWith("acked")).count() == 2);
        assertThat(proxy.nothingCame()).isTrue();
    }

    @Test
    void a_nack_is_told_with_its_reason_and_the_same_is_not_sent_again() throws Exception {
        serve("LISTENER bad=1 good=1");
        RawProxy proxy = new RawProxy(channel);
        proxy.subscribe(LISTENER);
        proxy.nack(proxy.next(), "bad: no");
        await().until(() -> events.contains("nacked LISTENER bad: no"));
        serve("LISTENER bad=1 good=2");
        assertThat(proxy.nextAcked()).isEqualTo("LISTENER +good");
    }

    @Test
    void a_large_answer_is_cut_into_several() throws Exception {
        String many = "";
        for (int i = 0; i < 60; i++) {
            many += " cluster-" + i + "=1";
        }
        serve("CLUSTER" + many);
        RawProxy proxy = new RawProxy(channel);
        proxy.subscribe(CLUSTER);
        int got = 0;
        int responses = 0;
        while (got < 60) {
            DeltaDiscoveryResponse response = proxy.next();
            got += response.getResourcesCount();
            responses++;
            proxy.ack(response);
        }
        assertThat(got).isEqualTo(60);
        assertThat(responses).isGreaterThan(5);
    }

    @Test
    void a_node_that_is_not_its_certificate_is_refused() throws Exception {
        for (String[] stated : new String[][] {{"bank", "web"}, {"shop", "admin"}}) {
            RawProxy proxy = new RawProxy(channel);
            proxy.send(proxy.request(CLUSTER).setNode(RawProxy.node(stated[0], stated[1])));
            Status end = proxy.end();
            assertThat(end.getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
            assertThat(end.getDescription()).contains("(expected: '").contains("spiffe://cluster.local/ns/shop/sa/web");
        }
        caller = null;
        RawProxy proxy = new RawProxy(channel);
        proxy.subscribe(CLUSTER);
        assertThat(proxy.end().getDescription()).contains("no client certificate");
        assertThat(service.connections()).isZero();
    }

    @Test
    void too_many_names_and_a_first_request_without_node_end_the_stream() throws Exception {
        RawProxy greedy = new RawProxy(channel);
        greedy.subscribe(ENDPOINT, "1", "2", "3", "4", "5", "6");
        assertThat(greedy.end().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        RawProxy nameless = new RawProxy(channel);
        nameless.send(nameless.request(CLUSTER).clearNode());
        assertThat(nameless.end().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        await().until(() -> service.connections() == 0);
    }

    @Test
    void secrets_are_only_for_the_authenticated() throws Exception {
        serve("SECRET ROOTCA=1");
        RawProxy proxy = new RawProxy(channel);
        proxy.subscribe(SECRET, "ROOTCA");
        assertThat(proxy.nextAcked()).isEqualTo("SECRET +ROOTCA");
        stop();
        open.clear();
        AdsService plain = new AdsService(
                node -> type -> config.getOrDefault(type, Map.of()), NodeCheck.anonymousAllowed(), Observer.NONE);
        open.add(plain);
        Server server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(plain)
                .build()
                .start();
        open.add(server::shutdownNow);
        ManagedChannel anonymous = NettyChannelBuilder.forAddress("localhost", server.getPort())
                .usePlaintext()
                .build();
        open.add(anonymous::shutdownNow);
        RawProxy unknown = new RawProxy(anonymous);
        unknown.subscribe(SECRET, "ROOTCA");
        assertThat(unknown.nextAcked()).isEqualTo("SECRET -ROOTCA");
    }
}
