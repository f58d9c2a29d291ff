package lateen.xdsserver;

import static lateen.xds.ResourceType.CLUSTER;
import static lateen.xds.ResourceType.ENDPOINT;
import static lateen.xds.ResourceType.LISTENER;
import static lateen.xds.ResourceType.ROUTE;
import static lateen.xds.ResourceType.SECRET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.StringValue;
import com.google.rpc.Status;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import lateen.xds.ResourceType;
import org.junit.jupiter.api.Test;

/** State-of-the-world ADS, by a stream driven by hand. */
class StateStreamTest extends ServedConfig {

    @Test
    void no_names_ask_for_all_clusters_and_named_types_get_what_they_name() throws Exception {
        serve("CLUSTER a=1 b=1", "ENDPOINT a=1 b=1 c=1");
        Proxy proxy = new Proxy();
        proxy.want(CLUSTER);
        assertThat(proxy.nextAcked(CLUSTER)).isEqualTo("CLUSTER a=1 b=1");
        proxy.want(ENDPOINT, "b");
        assertThat(proxy.nextAcked(ENDPOINT, "b")).isEqualTo("ENDPOINT b=1");
        await().untilAsserted(() -> assertThat(events).containsExactly("acked CLUSTER", "acked ENDPOINT"));
    }

    @Test
    void an_empty_mesh_is_answered_so_that_the_proxy_does_not_wait() throws Exception {
        Proxy proxy = new Proxy();
        proxy.want(CLUSTER);
        assertThat(proxy.nextAcked(CLUSTER)).isEqualTo("CLUSTER");
        proxy.want(LISTENER, "missing");
        assertThat(proxy.nextAcked(LISTENER, "missing")).isEqualTo("LISTENER");
    }

    @Test
    void a_change_sends_all_clusters_but_only_the_changed_endpoints() throws Exception {
        serve("CLUSTER a=1 b=1", "ENDPOINT a=1 b=1");
        Proxy proxy = new Proxy();
        proxy.want(CLUSTER);
        proxy.nextAcked(CLUSTER);
        proxy.want(ENDPOINT, "a", "b");
        proxy.nextAcked(ENDPOINT, "a", "b");
        serve("CLUSTER a=1 b=1", "ENDPOINT a=1 b=2");
        assertThat(proxy.nextAcked(ENDPOINT, "a", "b")).isEqualTo("ENDPOINT b=2");
        serve("CLUSTER a=1 b=1 c=1", "ENDPOINT a=1 b=2");
        assertThat(proxy.nextAcked(CLUSTER)).isEqualTo("CLUSTER a=1 b=1 c=1");
    }

    @Test
    void a_changed_cluster_gets_its_endpoints_again_and_a_changed_listener_its_routes() throws Exception {
        serve("CLUSTER a=1 b=1", "ENDPOINT a=1 b=1", "LISTENER l=1", "ROUTE r=1");
        Proxy proxy = new Proxy().started();
        serve("CLUSTER a=2 b=1", "ENDPOINT a=1 b=1", "LISTENER l=2", "ROUTE r=1");
        assertThat(proxy.nextAcked(CLUSTER)).isEqualTo("CLUSTER a=2 b=1");
        assertThat(proxy.nextAcked(ENDPOINT, "a", "b")).isEqualTo("ENDPOINT a=1");
        assertThat(proxy.nextAcked(LISTENER)).isEqualTo("LISTENER l=2");
        assertThat(proxy.nextAcked(ROUTE, "r")).isEqualTo("ROUTE r=1");
    }

    @Test
    void nothing_breaks_before_it_is_made_what_is_gone_goes_when_all_else_was_taken() throws Exception {
        serve("CLUSTER old=1", "ENDPOINT old=1", "LISTENER l=1 gone=1", "ROUTE r=1");
        Proxy proxy = new Proxy().started();
        serve("CLUSTER new=1", "ENDPOINT new=1", "LISTENER l=1", "ROUTE r=2");
        DiscoveryResponse clusters = proxy.next();
        assertThat(text(clusters)).isEqualTo("CLUSTER new=1 old=1");
        assertThat(proxy.nextAcked(ENDPOINT, "new")).isEqualTo("ENDPOINT new=1");
        assertThat(proxy.nextAcked(ROUTE, "r")).isEqualTo("ROUTE r=2");
        proxy.answer(clusters, null);
        assertThat(proxy.nextAcked(LISTENER)).isEqualTo("LISTENER l=1");
        assertThat(proxy.nextAcked(CLUSTER)).isEqualTo("CLUSTER new=1");
    }

    @Test
    void a_refused_response_is_not_repeated_but_what_comes_next_is_sent() throws Exception {
        serve("CLUSTER a=1");
        Proxy proxy = new Proxy();
        proxy.want(CLUSTER);
        DiscoveryResponse first = proxy.next();
        proxy.answer(first, "no such thing");
        await().untilAsserted(() -> assertThat(events).containsExactly("nacked CLUSTER no such thing"));
        serve("CLUSTER a=1");
        serve("CLUSTER a=2");
        assertThat(proxy.nextAcked(CLUSTER)).isEqualTo("CLUSTER a=2");
    }

    @Test
    void changes_during_an_open_response_are_told_together_after_its_answer() throws Exception {
        serve("CLUSTER a=1");
        Proxy proxy = new Proxy();
        proxy.want(CLUSTER);
        DiscoveryResponse first = proxy.next();
        serve("CLUSTER a=2");
        serve("CLUSTER a=3");
        proxy.answer(first, null);
        assertThat(proxy.nextAcked(CLUSTER)).isEqualTo("CLUSTER a=3");
        assertThat(proxy.responses).isEmpty();
    }

    @Test
    void the_answer_to_an_older_response_says_nothing() throws Exception {
        serve("ENDPOINT a=1 b=1");
        Proxy proxy = new Proxy();
        proxy.want(ENDPOINT, "a");
        DiscoveryResponse first = proxy.next();
        proxy.answer(first, null, "a");
        serve("ENDPOINT a=2 b=1");
        DiscoveryResponse second = proxy.next();
        proxy.answer(first, "too late", "a", "b");
        proxy.answer(second, null, "a");
        proxy.want(ENDPOINT, second, "a", "b");
        assertThat(proxy.nextAcked(ENDPOINT, "a", "b")).isEqualTo("ENDPOINT b=1");
        assertThat(events).doesNotContain("nacked ENDPOINT too late");
    }

    @Test
    void names_replace_those_before_and_a_name_that_comes_back_is_sent_again() throws Exception {
        serve("ENDPOINT a=1 b=1");
        Proxy proxy = new Proxy();
        proxy.want(ENDPOINT, "a");
        DiscoveryResponse last = proxy.next();
        proxy.answer(last, null, "a");
        proxy.want(ENDPOINT, last, "b");
        last = proxy.next();
        assertThat(text(last)).isEqualTo("ENDPOINT b=1");
        proxy.answer(last, null, "a", "b");
        assertThat(proxy.nextAcked(ENDPOINT, "a", "b")).isEqualTo("ENDPOINT a=1");
    }

    @Test
    void listeners_by_name_come_with_all_others_that_are_named_and_no_names_end_it() throws Exception {
        serve("LISTENER a=1 b=1 c=1");
        Proxy proxy = new Proxy();
        proxy.want(LISTENER, "a");
        DiscoveryResponse last = proxy.next();
        proxy.answer(last, null, "a");
        proxy.want(LISTENER, last, "a", "b");
        last = proxy.next();
        assertThat(text(last)).isEqualTo("LISTENER a=1 b=1");
        proxy.answer(last, null);
        proxy.want(LISTENER, last, "c");
        assertThat(proxy.nextAcked(LISTENER, "c")).isEqualTo("LISTENER c=1");
    }

    @Test
    void nobody_without_a_certificate_is_admitted_and_limits_hold() throws Exception {
        Proxy greedy = new Proxy();
        greedy.want(ENDPOINT, "1", "2", "3", "4", "5", "6");
        assertThat(greedy.ends.poll(5, TimeUnit.SECONDS).getDescription()).contains("6 names subscribed");
        caller = null;
        Proxy stranger = new Proxy();
        stranger.want(SECRET, "default");
        assertThat(stranger.ends.poll(5, TimeUnit.SECONDS).getDescription()).contains("no client certificate");
    }

    private static String text(DiscoveryResponse response) {
        return ResourceType.of(response.getTypeUrl()).name()
                + response.getResourcesList().stream()
                        .map(StateStreamTest::content)
                        .sorted()
                        .map(c -> " " + c)
                        .collect(Collectors.joining());
    }

    private static String content(Any resource) {
        try {
            return resource.unpack(StringValue.class).getValue();
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    private final class Proxy implements StreamObserver<DiscoveryResponse> {
        final BlockingQueue<DiscoveryResponse> responses = new LinkedBlockingQueue<>();
        final BlockingQueue<io.grpc.Status> ends = new LinkedBlockingQueue<>();
        private final StreamObserver<DiscoveryRequest> requests =
                AggregatedDiscoveryServiceGrpc.newStub(channel).streamAggregatedResources(this);

        /** Subscribed to everything that the configuration has. */
        Proxy started() throws InterruptedException {
            for (ResourceType type : List.of(CLUSTER, ENDPOINT, LISTENER, ROUTE)) {
                String[] names = type.wildcardByDefault()
                        ? new String[0]
                        : type == ENDPOINT ? new String[] {"a", "b", "old", "new"} : new String[] {"r"};
                want(type, names);
                nextAcked(type, names);
            }
            return this;
        }

        void want(ResourceType type, String... names) {
            want(type, DiscoveryResponse.getDefaultInstance(), names);
        }

        /** Names something else between two responses. */
        void want(ResourceType type, DiscoveryResponse last, String... names) {
            requests.onNext(DiscoveryRequest.newBuilder()
                    .setNode(RawProxy.node("shop", "web"))
                    .setTypeUrl(type.typeUrl())
                    .setVersionInfo(last.getVersionInfo())
                    .setResponseNonce(last.getNonce())
                    .addAllResourceNames(List.of(names))
                    .build());
        }

        void answer(DiscoveryResponse response, String error, String... names) {
            DiscoveryRequest.Builder request = DiscoveryRequest.newBuilder()
                    .setTypeUrl(response.getTypeUrl())
                    .setResponseNonce(response.getNonce())
                    .addAllResourceNames(List.of(names));
            if (error == null) {
                request.setVersionInfo(response.getVersionInfo());
            } else {
                request.setErrorDetail(Status.newBuilder().setMessage(error));
            }
            requests.onNext(request.build());
        }

        DiscoveryResponse next() throws InterruptedException {
            DiscoveryResponse response = responses.poll(5, TimeUnit.SECONDS);
            if (response == null) {
                throw new AssertionError("no response within 5 s; stream ended: " + ends);
            }
            return response;
        }

        /** The next response, which must be of that type, as text; answered with ACK and the names given. */
        String nextAcked(ResourceType type, String... names) throws InterruptedException {
            DiscoveryResponse response = next();
            assertThat(response.getTypeUrl()).isEqualTo(type.typeUrl());
            answer(response, null, names);
            return text(response);
        }

        @Override
        public void onNext(DiscoveryResponse response) {
            responses.add(response);
        }

        @Override
        public void onError(Throwable error) {
            ends.add(io.grpc.Status.fromThrowable(error));
        }

        @Override
        public void onCompleted() {
            ends.add(io.grpc.Status.OK);
        }
    }
}
