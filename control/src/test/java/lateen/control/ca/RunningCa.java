package lateen.control.ca;

import io.grpc.ForwardingServerCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import lateen.identity.CertificateRequest;
import lateen.identity.KeyMaterial;
import lateen.identity.Pem;
import lateen.identity.ReloadingKeyManager;
import lateen.identity.ReloadingTrustManager;
import lateen.identity.SpiffeId;
import lateen.identity.Svid;
import lateen.identity.TrustBundle;
import lateen.xds.ca.IstioCertificateRequest;
import lateen.xds.ca.IstioCertificateResponse;
import lateen.xds.ca.IstioCertificateServiceGrpc;

/** The real CA behind real TLS on a loopback port, its time moved by hand, its warnings kept. */
final class RunningCa implements AutoCloseable {
    final ManualTime time;
    final CertificateAuthority authority;
    final JoinTokens tokens;
    private final InstantSource clock;
    final ServerIdentity identity;
    final List<String> log = new CopyOnWriteArrayList<>();
    private final ServerServiceDefinition[] others;
    private final List<ManagedChannel> channels = new ArrayList<>();
    private final Logger logger = Logger.getLogger("lateen.control.ca");
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord entry) {
            log.add(new SimpleFormatter().formatMessage(entry));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };
    /** Whether what it answers is lost on the way. */
    volatile boolean losesAnswers;

    private Server server;
    private int port;

    /** It keeps the right time, whoever sets the clock of {@link #time}. */
    RunningCa(Path state, Duration lifetime, ServerServiceDefinition... others) throws IOException {
        this.time = new ManualTime();
        this.clock = time.elsewhere();
        this.tokens = new JoinTokens(clock);
        this.others = others;
        authority = CertificateAuthority.open(state, "cluster.local", lifetime, clock);
        identity = new ServerIdentity(authority, List.of(), clock);
        logger.addHandler(handler);
        start();
    }

    void start() throws IOException {
        var builder = SecurePort.at(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port), authority, identity, clock);
        builder.addService(ServerInterceptors.intercept(new CertificateService(authority, tokens), new Loss()));
        for (ServerServiceDefinition other : others) {
            builder.addService(other);
        }
        server = builder.build().start();
        port = server.getPort();
    }

    private final class Loss implements ServerInterceptor {
        @Override
        public <A, B> ServerCall.Listener<A> interceptCall(
                ServerCall<A, B> call, Metadata headers, ServerCallHandler<A, B> next) {
            return next.startCall(
                    new ForwardingServerCall.SimpleForwardingServerCall<A, B>(call) {
                        @Override
                        public void sendMessage(B message) {
                            if (!losesAnswers) {
                                super.sendMessage(message);
                            }
                        }

                        @Override
                        public void close(Status status, Metadata trailers) {
                            super.close(losesAnswers ? Status.UNAVAILABLE : status, trailers);
                        }
                    },
                    headers);
        }
    }

    void stop() throws InterruptedException {
        server.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
    }

    InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    String grant(SpiffeId id) {
        String token = "token-" + id.serviceAccount() + "-" + System.nanoTime();
        tokens.grant(sha256(token), id, Duration.ofMinutes(1));
        return token;
    }

    static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    ManagedChannel channel(KeyMaterial client) throws IOException {
        ReloadingTrustManager trust = ReloadingTrustManager.host(clock, ServerIdentity.HOST);
        trust.set(authority.bundle());
        ReloadingKeyManager keys = new ReloadingKeyManager();
        if (client != null) {
            keys.set(client);
        }
        ManagedChannel channel = NettyChannelBuilder.forAddress(address())
                .overrideAuthority(ServerIdentity.HOST)
                .sslContext(GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK)
                        .keyManager(keys)
                        .trustManager(trust)
                        .build())
                .build();
        channels.add(channel);
        return channel;
    }

    /** Asks as a holder of {@code client} (may be null) and {@code token} (may be null). */
    IstioCertificateResponse ask(KeyMaterial client, String token, String csr, long seconds) throws IOException {
        var stub = IstioCertificateServiceGrpc.newBlockingStub(channel(client)).withDeadlineAfter(10, TimeUnit.SECONDS);
        if (token != null) {
            Metadata headers = new Metadata();
            headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
            stub = stub.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
        }
        return stub.createCertificate(IstioCertificateRequest.newBuilder()
                .setCsr(csr)
                .setValidityDuration(seconds)
                .build());
    }

    Svid join(SpiffeId id) throws IOException {
        CertificateRequest request = CertificateRequest.create(id);
        var chain = ask(null, grant(id), request.pem(), 0).getCertChainList();
        return request.accept(Pem.certificates(chain.getFirst()));
    }

    TrustBundle bundle() {
        return authority.bundle();
    }

    @Override
    public void close() throws InterruptedException {
        logger.removeHandler(handler);
        channels.forEach(ManagedChannel::shutdownNow);
        stop();
    }
}
