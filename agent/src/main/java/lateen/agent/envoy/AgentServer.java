package lateen.agent.envoy;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import lateen.identity.Svid;
import lateen.identity.TrustBundle;

/** What Envoy asks its agent for, on one unix socket: secrets (SDS), and the control plane's configuration (delta ADS). */
public final class AgentServer implements AutoCloseable {
    /** {@code sun_path} of unix(7), without the byte that ends it. */
    private static final int LONGEST_PATH = 107;

    static final int MAX_MESSAGE = 64 << 20;

    private final SecretService secrets = new SecretService();
    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Server server;

    private AgentServer(Path socket, Supplier<ManagedChannel> controlPlane) throws IOException {
        server = NettyServerBuilder.forAddress(UnixDomainSocketAddress.of(socket))
                .channelType(NioServerDomainSocketChannel.class)
                .bossEventLoopGroup(loop)
                .workerEventLoopGroup(loop)
                .directExecutor()
                .maxInboundMessageSize(MAX_MESSAGE)
                .addService(secrets)
                .addService(new AdsForwarder(controlPlane).service())
                .build();
        try {
            server.start();
        } catch (IOException e) {
            var _ = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            throw e;
        }
    }

    /**
     * Serves from now on.
     *
     * @param socket does not exist yet, in a folder that only Envoy's user can enter: who reaches it is given the key
     * @param controlPlane opens a channel for each forwarded stream, with the credentials of that moment
     * @throws IOException when the path is too long for a socket, or it cannot be had
     */
    public static AgentServer start(Path socket, Supplier<ManagedChannel> controlPlane) throws IOException {
        int length = socket.toString().getBytes(StandardCharsets.UTF_8).length;
        if (length > LONGEST_PATH) {
            throw new IOException("socket " + socket + ": a path of " + length + " bytes (expected: at most "
                    + LONGEST_PATH + "; java.io.tmpdir says where it is)");
        }
        return new AgentServer(socket, controlPlane);
    }

    /** What Envoy is given from now on, at once where it has older ones. Any thread. */
    public void secrets(Svid svid, TrustBundle roots) {
        secrets.set(svid, roots);
    }

    /** Ends all streams. */
    @Override
    public void close() {
        server.shutdownNow();
        var _ = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
