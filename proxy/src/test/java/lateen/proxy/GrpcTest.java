package lateen.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import lateen.decision.config.ClusterConfig;
import lateen.decision.config.ClusterConfig.UpstreamHttp;
import lateen.decision.config.HttpFilter;
import lateen.decision.config.NetworkFilter.HttpConnectionManager;
import lateen.decision.config.OutlierDetection;
import lateen.decision.config.ProxyConfig;
import lateen.decision.config.RouteConfig;
import lateen.decision.config.RouteConfig.RetryOn;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** gRPC through the proxy: grpc-java on both sides, directly and through the mTLS of two proxies. */
class GrpcTest {
    private final Rig rig = new Rig();

    @TempDir
    Path dir;

    private GrpcEcho echo;
    private LogFile log;

    @BeforeEach
    void open() throws Exception {
        echo = rig.with(new GrpcEcho());
        log = new LogFile(dir.resolve("access.log"));
    }

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    private static ProxyConfig config(HttpConnectionManager http, ClusterConfig... clusters) {
        return Configs.of(
                List.of(Configs.listener("http", Configs.NO_INSPECTORS, Configs.chain("c", null, http))), clusters);
    }

    private ManagedChannel through(int port, HttpFilter... filters) throws Exception {
        HttpConnectionManager http = Configs.logged(Configs.http(Configs.everythingTo("app"), filters), log.config());
        ClusterConfig cluster = Configs.speaking(UpstreamHttp.HTTP2, Configs.cluster("app", null, port));
        return channel(Rig.address(rig.proxy(config(http, cluster)), "http"));
    }

    private ManagedChannel channel(InetSocketAddress proxy) {
        ManagedChannel channel = NettyChannelBuilder.forAddress(new InetSocketAddress("127.0.0.1", proxy.getPort()))
                .usePlaintext()
                .maxInboundMessageSize(32 << 20)
                .build();
        rig.with(() -> channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS));
        return channel;
    }

    private ManagedChannel throughMesh(String allowed) throws Exception {
        return channel(MeshChain.http2(rig, echo.port(), allowed, log));
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static CallOptions options() {
        return CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS);
    }

    private static byte[] unary(ManagedChannel channel, byte[] request) {
        return ClientCalls.blockingUnaryCall(channel, GrpcEcho.UNARY, options(), request);
    }

    private static void everyKind(ManagedChannel channel) throws Exception {
        assertThat(unary(channel, text("hello"))).isEqualTo(text("hello"));
        byte[] large = new byte[8 << 20];
        java.util.Arrays.fill(large, (byte) 'x');
        assertThat(unary(channel, large)).isEqualTo(large);
        int received = 0;
        for (Iterator<byte[]> all =
                        ClientCalls.blockingServerStreamingCall(channel, GrpcEcho.DOWNLOAD, options(), text("3000"));
                all.hasNext();
                received++) {
            assertThat(all.next()).hasSize(1000);
        }
        assertThat(received).isEqualTo(3000);
        BlockingQueue<byte[]> answers = new ArrayBlockingQueue<>(10);
        CompletableFuture<String> sum = new CompletableFuture<>();
        StreamObserver<byte[]> upload = ClientCalls.asyncClientStreamingCall(
                channel.newCall(GrpcEcho.UPLOAD, options()), observer(answers, new CompletableFuture<>()));
        for (int i = 0; i < 500; i++) {
            upload.onNext(new byte[1000]);
        }
        upload.onCompleted();
        assertThat(answers.poll(10, TimeUnit.SECONDS)).isEqualTo(text("500000"));
        StreamObserver<byte[]> chat =
                ClientCalls.asyncBidiStreamingCall(channel.newCall(GrpcEcho.CHAT, options()), observer(answers, sum));
        for (int i = 0; i < 20; i++) {
            chat.onNext(text("line " + i));
            assertThat(answers.poll(10, TimeUnit.SECONDS)).isEqualTo(text("line " + i));
        }
        chat.onCompleted();
        assertThat(sum.get(10, TimeUnit.SECONDS)).isEqualTo("completed");
    }

    private static StreamObserver<byte[]> observer(BlockingQueue<byte[]> answers, CompletableFuture<String> end) {
        return new StreamObserver<>() {
            @Override
            public void onNext(byte[] message) {
                answers.add(message);
            }

            @Override
            public void onError(Throwable error) {
                end.completeExceptionally(error);
            }

            @Override
            public void onCompleted() {
                end.complete("completed");
            }
        };
    }

    @Test
    void everyKindOfCallPasses() throws Exception {
        everyKind(through(echo.port()));
        LogFile.Line first = log.lines(5).getFirst();
        assertThat(first.of("protocol")).isEqualTo("HTTP/2");
        assertThat(first.of("path")).isEqualTo("/test.Echo/Unary");
        assertThat(first.of("response_code")).isEqualTo("200");
    }

    @Test
    void everyKindOfCallPassesThroughTheMesh() throws Exception {
        everyKind(throughMesh("frontend"));
    }

    @Test
    void whoIsNotAllowedHearsItInGrpcsWords() throws Exception {
        StatusRuntimeException refused = failure(throughMesh("somebody"), GrpcEcho.UNARY, "x", options());
        assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
        assertThat(refused.getStatus().getDescription()).isEqualTo("RBAC: access denied");
    }

    private static StatusRuntimeException failure(
            ManagedChannel channel,
            io.grpc.MethodDescriptor<byte[], byte[]> method,
            String request,
            CallOptions options) {
        return catchThrowableOfType(
                StatusRuntimeException.class,
                () -> ClientCalls.blockingUnaryCall(channel, method, options, text(request)));
    }

    @ParameterizedTest
    @EnumSource(value = Status.Code.class, names = "OK", mode = EnumSource.Mode.EXCLUDE)
    void everyStatusPassesWithItsWords(Status.Code code) throws Exception {
        StatusRuntimeException failed = failure(through(echo.port()), GrpcEcho.FAIL, code.name(), options());
        assertThat(failed.getStatus().getCode()).isEqualTo(code);
        assertThat(failed.getStatus().getDescription()).isEqualTo("as asked");
    }

    @Test
    void aHostThatIsNotThereIsUnavailable() throws Exception {
        int nobody;
        try (var socket = new java.net.ServerSocket(0)) {
            nobody = socket.getLocalPort();
        }
        StatusRuntimeException failed = failure(through(nobody), GrpcEcho.UNARY, "x", options());
        assertThat(failed.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(failed.getStatus().getDescription()).startsWith("upstream connect error");
    }

    @Test
    void aCallThatIsGivenUpIsCancelledAtTheHost() throws Exception {
        ManagedChannel channel = through(echo.port());
        StatusRuntimeException late = failure(
                channel, GrpcEcho.SILENT, "x", CallOptions.DEFAULT.withDeadlineAfter(300, TimeUnit.MILLISECONDS));
        assertThat(late.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
        Awaitility.await().untilAtomic(echo.cancelled, org.hamcrest.Matchers.equalTo(1));
        assertThat(unary(channel, text("after"))).isEqualTo(text("after"));
        assertThat(log.lines(2).getFirst().of("response_flags")).isEqualTo("DC");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 200})
    void manyCallsAtOnceShareOneConnectionAndNoneWaitsForAnother(int rounds) throws Exception {
        ManagedChannel channel = through(echo.port());
        for (int round = 0; round < rounds; round++) {
            List<CompletableFuture<byte[]>> all = java.util.stream.IntStream.range(0, 50)
                    .mapToObj(i -> {
                        CompletableFuture<byte[]> one = new CompletableFuture<>();
                        ClientCalls.asyncUnaryCall(
                                channel.newCall(GrpcEcho.UNARY, options()), text("call " + i), new StreamObserver<>() {
                                    @Override
                                    public void onNext(byte[] message) {
                                        one.complete(message);
                                    }

                                    @Override
                                    public void onError(Throwable error) {
                                        one.completeExceptionally(error);
                                    }

                                    @Override
                                    public void onCompleted() {}
                                });
                        return one;
                    })
                    .toList();
            for (int i = 0; i < all.size(); i++) {
                assertThat(all.get(i).get(10, TimeUnit.SECONDS)).isEqualTo(text("call " + i));
            }
        }
    }

    @Test
    void aReaderThatStopsHoldsUpItsOwnStreamOnly() throws Exception {
        ManagedChannel channel = through(echo.port());
        Iterator<byte[]> unread =
                ClientCalls.blockingServerStreamingCall(channel, GrpcEcho.DOWNLOAD, options(), text("20000"));
        assertThat(unread.next()).hasSize(1000);
        for (int i = 0; i < 20; i++) {
            assertThat(unary(channel, text("meanwhile"))).isEqualTo(text("meanwhile"));
        }
        int rest = 1;
        while (unread.hasNext()) {
            assertThat(unread.next()).hasSize(1000);
            rest++;
        }
        assertThat(rest).isEqualTo(20000);
    }

    /** The first of two hosts fails. */
    private ClusterConfig failingAndGood(Status.Code code, AtomicInteger failures) throws Exception {
        GrpcEcho failing = rig.with(new GrpcEcho(code, failures));
        return Configs.speaking(UpstreamHttp.HTTP2, Configs.cluster("app", null, failing.port(), echo.port()));
    }

    private ManagedChannel one(RouteConfig.RetryPolicy retry, ClusterConfig cluster) throws Exception {
        HttpConnectionManager http = Configs.http(Configs.everythingTo("app", Duration.ofSeconds(15), retry));
        return channel(Rig.address(rig.proxy(ProxySettings.defaults().withWorkers(1), config(http, cluster)), "http"));
    }

    @ParameterizedTest
    @CsvSource({"UNAVAILABLE,UNAVAILABLE,true", "RESOURCE_EXHAUSTED,UNAVAILABLE,false", "INTERNAL,INTERNAL,true"})
    void aCallWithItsMessageIsTriedAgainOnItsStatus(Status.Code code, RetryOn on, boolean again) throws Exception {
        AtomicInteger failures = new AtomicInteger();
        ManagedChannel channel = one(Configs.retry(2, on), failingAndGood(code, failures));
        int good = 0;
        for (int i = 0; i < 10; i++) {
            try {
                assertThat(unary(channel, text("call " + i))).isEqualTo(text("call " + i));
                good++;
            } catch (StatusRuntimeException failed) {
                assertThat(failed.getStatus().getCode()).isEqualTo(code);
            }
        }
        assertThat(failures).hasPositiveValue();
        assertThat(good == 10).isEqualTo(again);
    }

    @Test
    void aHostWhoseCallsFailIsLeftOut() throws Exception {
        AtomicInteger failures = new AtomicInteger();
        OutlierDetection three = RetryTest.outliers(3);
        ManagedChannel channel =
                one(null, Edited.with(failingAndGood(Status.Code.UNAVAILABLE, failures), "outlierDetection", three));
        int bad = 0;
        for (int i = 0; i < 30; i++) {
            try {
                unary(channel, text("x"));
            } catch (StatusRuntimeException failed) {
                bad++;
            }
        }
        assertThat(bad).isEqualTo(3);
        assertThat(failures).hasValue(3);
    }

    @Test
    void aHostThatGoesAwayBetweenCallsFailsNone() throws Exception {
        ManagedChannel channel = through(echo.port());
        assertThat(unary(channel, text("one"))).isEqualTo(text("one"));
        echo.close();
        StatusRuntimeException failed = failure(channel, GrpcEcho.UNARY, "two", options());
        assertThat(failed.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    }

    @Test
    void routesTimeoutIsADeadlineExceededInEnvoysMapping() throws Exception {
        HttpConnectionManager http = Configs.http(Configs.everythingTo("app", Duration.ofMillis(300), null));
        ManagedChannel channel = channel(Rig.address(
                rig.proxy(
                        config(http, Configs.speaking(UpstreamHttp.HTTP2, Configs.cluster("app", null, echo.port())))),
                "http"));
        StatusRuntimeException late = failure(channel, GrpcEcho.SILENT, "x", options());
        assertThat(late.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(late.getStatus().getDescription()).isEqualTo("upstream request timeout");
    }
}
