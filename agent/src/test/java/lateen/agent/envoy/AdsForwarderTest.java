package lateen.agent.envoy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Between a gRPC client on the socket, as Envoy, and a gRPC server on TCP, as the control plane. */
class AdsForwarderTest {
    @TempDir
    Path folder;

    private final ControlPlane controlPlane = new ControlPlane();
    private final List<ManagedChannel> opened = new CopyOnWriteArrayList<>();
    private AgentServer agent;
    private UnixChannel unix;

    @BeforeEach
    void start() throws IOException {
        controlPlane.start(0);
        Path socket = folder.resolve("socket");
        agent = AgentServer.start(socket, this::channel);
        unix = new UnixChannel(socket);
    }

    @AfterEach
    void stop() {
        unix.close();
        agent.close();
        controlPlane.stop();
    }

    private ManagedChannel channel() {
        ManagedChannel channel = NettyChannelBuilder.forAddress(controlPlane.address())
                .maxInboundMessageSize(AgentServer.MAX_MESSAGE)
                .usePlaintext()
                .build();
        opened.add(channel);
        return channel;
    }

    @Test
    void bytesPassUnchangedInBothDirectionsWhateverTheyAre() throws Exception {
        EnvoyStream envoy = new EnvoyStream(unix.channel());
        Random random = new Random(7);

        for (int size : new int[] {0, 1, 1000, 5 << 20}) {
            byte[] message = new byte[size];
            random.nextBytes(message);
            envoy.call.request(1);
            envoy.call.sendMessage(message);
            assertThat(envoy.next()).as("%d bytes there and back", size).isEqualTo(message);
        }
    }

    @Test
    void aControlPlaneThatGoesEndsTheStreamAndTheNextOneReachesItWhenItIsBack() throws Exception {
        EnvoyStream before = new EnvoyStream(unix.channel());
        before.echo("one");
        int port = controlPlane.address().getPort();

        controlPlane.stop();

        assertThat(before.end().isOk()).isFalse();
        assertThat(new EnvoyStream(unix.channel()).end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);

        controlPlane.start(port);
        new EnvoyStream(unix.channel()).echo("two");
    }

    @Test
    void aStatusOfTheControlPlaneReachesEnvoyWithItsReason() throws Exception {
        EnvoyStream envoy = new EnvoyStream(unix.channel());
        envoy.echo("one");

        controlPlane.calls.getFirst().close(Status.PERMISSION_DENIED.withDescription("not yours"), new Metadata());

        Status end = envoy.end();
        assertThat(end.getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
        assertThat(end.getDescription()).isEqualTo("not yours");
        await().until(() -> opened.getFirst().isShutdown());
    }

    @Test
    void whenEnvoyGoesTheControlPlaneHearsOfItAndNoChannelStaysOpen() throws Exception {
        EnvoyStream envoy = new EnvoyStream(unix.channel());
        envoy.echo("one");

        envoy.call.cancel("gone", null);

        await().until(() -> controlPlane.cancelled.get() == 1);
        await().until(() -> opened.getFirst().isTerminated());
    }

    @Test
    void anEnvoyThatReadsNothingStopsTheControlPlaneFromSending() throws Exception {
        EnvoyStream envoy = new EnvoyStream(unix.channel());
        envoy.echo("one");
        ServerCall<byte[], byte[]> call = controlPlane.calls.getFirst();
        byte[] message = new byte[256 << 10];

        int sent = 0;
        while (sent < 4000 && takesMore(call)) {
            call.sendMessage(message);
            sent++;
        }

        assertThat(sent)
                .as("messages of 256 KiB until the transport took no more")
                .isLessThan(100);
        envoy.call.request(sent);
        for (int i = 0; i < sent; i++) {
            assertThat(envoy.next()).hasSize(message.length);
        }
    }

    /** Whether it takes more now or within a second. */
    private static boolean takesMore(ServerCall<byte[], byte[]> call) {
        try {
            await().atMost(1, TimeUnit.SECONDS).until(call::isReady);
            return true;
        } catch (ConditionTimeoutException full) {
            return false;
        }
    }

    /** Sends back what it gets. */
    private static final class ControlPlane {
        private final List<ServerCall<byte[], byte[]>> calls = new CopyOnWriteArrayList<>();
        private final AtomicInteger cancelled = new AtomicInteger();
        private Server server;

        void start(int port) throws IOException {
            server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                    .maxInboundMessageSize(AgentServer.MAX_MESSAGE)
                    .addService(ServerServiceDefinition.builder(AdsForwarder.DELTA.getServiceName())
                            .addMethod(AdsForwarder.DELTA, this::echo)
                            .build())
                    .build()
                    .start();
        }

        private ServerCall.Listener<byte[]> echo(ServerCall<byte[], byte[]> call, Metadata headers) {
            calls.add(call);
            call.sendHeaders(new Metadata());
            call.request(1);
            return new ServerCall.Listener<>() {
                @Override
                public void onMessage(byte[] message) {
                    call.sendMessage(message);
                    call.request(1);
                }

                @Override
                public void onCancel() {
                    cancelled.incrementAndGet();
                }
            };
        }

        InetSocketAddress address() {
            return (InetSocketAddress) server.getListenSockets().getFirst();
        }

        void stop() {
            server.shutdownNow();
        }
    }

    private static final class EnvoyStream extends ClientCall.Listener<byte[]> {
        private final BlockingQueue<byte[]> messages = new LinkedBlockingQueue<>();
        private final BlockingQueue<Status> ends = new LinkedBlockingQueue<>();
        private final ClientCall<byte[], byte[]> call;

        EnvoyStream(ManagedChannel channel) {
            call = channel.newCall(
                    AdsForwarder.DELTA, CallOptions.DEFAULT.withMaxInboundMessageSize(AgentServer.MAX_MESSAGE));
            call.start(this, new Metadata());
        }

        void echo(String text) throws InterruptedException {
            call.request(1);
            call.sendMessage(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
            assertThat(next()).asString().isEqualTo(text);
        }

        @Nullable
        byte[] next() throws InterruptedException {
            return messages.poll(5, TimeUnit.SECONDS);
        }

        Status end() throws InterruptedException {
            Status status = ends.poll(10, TimeUnit.SECONDS);
            assertThat(status).as("the stream's end").isNotNull();
            return status;
        }

        @Override
        public void onMessage(byte[] message) {
            messages.add(message);
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            ends.add(status);
        }
    }
}
