package lateen.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.ObjectName;
import lateen.decision.config.ClusterConfig.UpstreamHttp;
import lateen.decision.config.Http2Options;
import lateen.decision.config.NetworkFilter.HttpConnectionManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a downstream HTTP/2 connection keeps, and when it ends. */
class Http2ConnectionTest {
    private static final Pattern STREAMS =
            Pattern.compile("(\\d+)\\s+\\d+\\s+lateen\\.proxy\\.http\\.Http2ClientStream\\b");
    /** Of streams that are kept for the next ones; the engine's limit. */
    private static final int KEPT = 64;

    private final Rig rig = new Rig();

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    private InetSocketAddress proxy(HttpConnectionManager http, int app) throws Exception {
        Proxy proxy = rig.proxy(Configs.of(
                List.of(Configs.listener("http", Configs.NO_INSPECTORS, Configs.chain("c", null, http))),
                Configs.speaking(UpstreamHttp.HTTP2, Configs.cluster("app", null, app))));
        return Rig.address(proxy, "http");
    }

    @Test
    void streamsOfTheBusiestMomentAreNotKept() throws Exception {
        GrpcEcho echo = rig.with(new GrpcEcho());
        int port = proxy(Configs.http(Configs.everythingTo("app")), echo.port()).getPort();
        ManagedChannel channel =
                NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
        rig.with(() -> channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS));
        for (int round = 0; round < 4; round++) {
            together(channel, 300);
        }
        assertThat(streams()).isBetween(1, KEPT);
    }

    /** So many calls open at the same time, each with an answer before any ends. */
    private static void together(ManagedChannel channel, int calls) throws Exception {
        CountDownLatch answered = new CountDownLatch(calls);
        CountDownLatch ended = new CountDownLatch(calls);
        List<StreamObserver<byte[]>> open = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            StreamObserver<byte[]> call = ClientCalls.asyncBidiStreamingCall(
                    channel.newCall(GrpcEcho.CHAT, CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS)),
                    new StreamObserver<>() {
                        @Override
                        public void onNext(byte[] message) {
                            answered.countDown();
                        }

                        @Override
                        public void onError(Throwable error) {}

                        @Override
                        public void onCompleted() {
                            ended.countDown();
                        }
                    });
            call.onNext(new byte[10]);
            open.add(call);
        }
        assertThat(answered.await(20, TimeUnit.SECONDS)).isTrue();
        open.forEach(StreamObserver::onCompleted);
        assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
    }

    /** Objects that can be reached, after a collection. */
    private static int streams() throws Exception {
        String all = (String) ManagementFactory.getPlatformMBeanServer()
                .invoke(
                        new ObjectName("com.sun.management:type=DiagnosticCommand"),
                        "gcClassHistogram",
                        new Object[] {new String[0]},
                        new String[] {String[].class.getName()});
        Matcher found = STREAMS.matcher(all);
        return found.find() ? Integer.parseInt(found.group(1)) : 0;
    }

    /** A client that is gone without a word answers no ping; its connection must not stay for ever. */
    @Test
    void anIdleConnectionEndsThoughItsClientSaysNothingAnyMore() throws Exception {
        HttpConnectionManager http = Configs.idling(Configs.http(Configs.everythingTo("app")), Duration.ofMillis(200));
        try (Wire client = new Wire(proxy(http, 1))) {
            client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0");
            assertThat(client.in.readAllBytes()).isNotEmpty();
        }
    }

    /** Envoy: {@code connection_keepalive}. */
    @Test
    void aClientThatAnswersNoPingLosesItsConnection() throws Exception {
        Http2Options asking = Edited.with(
                Http2Options.DEFAULT,
                "keepAlive",
                new Http2Options.KeepAlive(Duration.ofMillis(200), Duration.ofMillis(300), 0));
        HttpConnectionManager http = Edited.with(Configs.http(Configs.everythingTo("app")), "http2", asking);
        try (Wire client = new Wire(proxy(http, 1))) {
            client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0");
            assertThat(client.rest()).contains("no answer to a PING");
        }
    }
}
