package lateen.proxy;

import io.envoyproxy.envoy.service.auth.v3.AuthorizationGrpc;
import io.envoyproxy.envoy.service.auth.v3.CheckRequest;
import io.envoyproxy.envoy.service.auth.v3.CheckResponse;
import io.grpc.Attributes;
import io.grpc.Server;
import io.grpc.ServerTransportFilter;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A real gRPC server that answers Envoy's checks as the test says. */
final class AuthzServer implements AutoCloseable {
    interface Decision {
        void check(CheckRequest request, StreamObserver<CheckResponse> answer);
    }

    final BlockingQueue<CheckRequest> asked = new LinkedBlockingQueue<>();
    final AtomicInteger connections = new AtomicInteger();
    final AtomicInteger cancelled = new AtomicInteger();
    private final Server server;
    volatile Decision decision;

    AuthzServer(Decision decision) throws IOException {
        this(0, decision);
    }

    AuthzServer(int port, Decision decision) throws IOException {
        this.decision = decision;
        server = NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", port))
                .addService(new AuthorizationGrpc.AuthorizationImplBase() {
                    @Override
                    public void check(CheckRequest request, StreamObserver<CheckResponse> answer) {
                        ((ServerCallStreamObserver<CheckResponse>) answer)
                                .setOnCancelHandler(cancelled::incrementAndGet);
                        asked.add(request);
                        AuthzServer.this.decision.check(request, answer);
                    }
                })
                .addTransportFilter(new ServerTransportFilter() {
                    @Override
                    public Attributes transportReady(Attributes attributes) {
                        connections.incrementAndGet();
                        return attributes;
                    }
                })
                .build()
                .start();
    }

    static Decision answering(CheckResponse response) {
        return (request, answer) -> {
            answer.onNext(response);
            answer.onCompleted();
        };
    }

    static AuthzServer allowing() throws IOException {
        return new AuthzServer(answering(CheckResponse.getDefaultInstance()));
    }

    int port() {
        return server.getPort();
    }

    CheckRequest next() throws InterruptedException {
        CheckRequest request = asked.poll(10, TimeUnit.SECONDS);
        if (request == null) {
            throw new AssertionError("not asked within 10 s");
        }
        return request;
    }

    @Override
    public void close() throws InterruptedException {
        server.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
    }

    /** As a server does that is stopped in order: GOAWAY first. */
    void shutdown() throws InterruptedException {
        server.shutdown();
    }
}
