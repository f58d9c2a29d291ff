package lateen.xds.bootstrap;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.UnixDomainSocketAddress;
import java.security.cert.X509Certificate;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import lateen.decision.config.UpstreamTls;
import lateen.identity.KeyMaterial;
import lateen.identity.TrustBundle;
import lateen.xds.decode.SecretConfig;
import lateen.xds.source.SourceRef;
import org.jspecify.annotations.Nullable;

/** Channels to one xDS server: each attempt goes to the next of its addresses, with the secrets of that moment. */
final class ServerChannels implements Supplier<ManagedChannel> {

    private static final int MAX_MESSAGE = 64 << 20;
    private static final long KEEP_ALIVE_SECONDS = 30;

    private final Server server;
    private final SourceRef.Stream stream;
    private final Function<String, @Nullable SecretConfig> secrets;
    private final AtomicInteger attempts = new AtomicInteger();

    /** Unix sockets need loops of their own kind. */
    private static final class PipeLoops {
        static final EventLoopGroup GROUP = new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("xds-pipe", true), NioIoHandler.newFactory());
    }

    /** @param secrets by name; null: it has not arrived */
    ServerChannels(Server server, SourceRef.Stream stream, Function<String, @Nullable SecretConfig> secrets) {
        this.server = server;
        this.stream = stream;
        this.secrets = secrets;
    }

    @Override
    public ManagedChannel get() {
        int next = Math.floorMod(attempts.getAndIncrement(), server.targets().size());
        NettyChannelBuilder channel = switch (server.targets().get(next)) {
            case Server.Target.HostPort(String host, int port) -> NettyChannelBuilder.forAddress(host, port);
            case Server.Target.Pipe(String path) ->
                NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(path))
                        .channelType(NioDomainSocketChannel.class, UnixDomainSocketAddress.class)
                        .eventLoopGroup(PipeLoops.GROUP);
        };
        channel.overrideAuthority(authority())
                .maxInboundMessageSize(MAX_MESSAGE)
                .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS);
        UpstreamTls tls = server.tls();
        if (tls == null) {
            channel.usePlaintext();
        } else {
            channel.sslContext(context(tls));
        }
        if (!stream.metadata().isEmpty()) {
            channel.intercept(MetadataUtils.newAttachHeadersInterceptor(headers()));
        }
        return channel.build();
    }

    /** gRPC sends the same text as authority and as server name; Envoy's own is the cluster's name. */
    private String authority() {
        UpstreamTls tls = server.tls();
        String text = !stream.authority().isEmpty()
                ? stream.authority()
                : tls != null && !tls.sni().isEmpty() ? tls.sni() : server.name();
        return text.matches("[A-Za-z0-9._-]+(:[0-9]+)?") ? text : "xds";
    }

    private Metadata headers() {
        Metadata headers = new Metadata();
        for (Map.Entry<String, String> each : stream.metadata()) {
            headers.put(Metadata.Key.of(each.getKey(), Metadata.ASCII_STRING_MARSHALLER), each.getValue());
        }
        return headers;
    }

    private SslContext context(UpstreamTls tls) {
        try {
            SslContextBuilder builder = GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK)
                    .protocols(tls.algorithms().versions())
                    .trustManager(new ServerTrust(roots(tls), tls.validation()))
                    .endpointIdentificationAlgorithm(null);
            if (tls.certificateSecret() != null) {
                KeyMaterial own = material(tls.certificateSecret());
                builder.keyManager(own.privateKey(), own.chain().toArray(X509Certificate[]::new));
            }
            return builder.build();
        } catch (SSLException e) {
            throw new IllegalStateException(
                    "TLS towards '" + server.name() + "' cannot be set up: " + e.getMessage(), e);
        }
    }

    private @Nullable TrustBundle roots(UpstreamTls tls) {
        String name = tls.validation().trustSecret();
        if (name == null) {
            return null;
        }
        if (secrets.apply(name) instanceof SecretConfig.Roots(String _, String pem)) {
            return TrustBundle.fromPem(pem);
        }
        throw new IllegalStateException("secret '" + name + "' with roots is not there");
    }

    private KeyMaterial material(String name) {
        if (secrets.apply(name) instanceof SecretConfig.Certificate(String _, KeyMaterial material)) {
            return material;
        }
        throw new IllegalStateException("secret '" + name + "' with a certificate is not there");
    }
}
