package lateen.services.authz;

import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.service.auth.v3.AttributeContext;
import io.envoyproxy.envoy.service.auth.v3.AuthorizationGrpc;
import io.envoyproxy.envoy.service.auth.v3.CheckRequest;
import io.envoyproxy.envoy.service.auth.v3.CheckResponse;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** What a proxy sends, and a channel to send it by. */
final class Checks implements AutoCloseable {
    static final String CLIENT = "spiffe://cluster.local/ns/shop/sa/client";
    static final String FRONTEND = "spiffe://cluster.local/ns/shop/sa/frontend";

    private final ManagedChannel channel;

    private Checks(ManagedChannel channel) {
        this.channel = channel;
    }

    static Checks to(AuthzServer server) {
        return new Checks(NettyChannelBuilder.forAddress(new InetSocketAddress("127.0.0.1", server.port()))
                .usePlaintext()
                .build());
    }

    static AuthzSettings settings(URI opa) {
        return AuthzSettings.defaults(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), opa);
    }

    ManagedChannel channel() {
        return channel;
    }

    CheckResponse check(CheckRequest request) {
        return AuthorizationGrpc.newBlockingStub(channel)
                .withDeadlineAfter(10, TimeUnit.SECONDS)
                .check(request);
    }

    static CheckRequest get(String path) {
        return request("GET", path, Map.of(), "");
    }

    static CheckRequest request(String method, String path, Map<String, String> headers, String body) {
        AttributeContext.HttpRequest.Builder http = AttributeContext.HttpRequest.newBuilder()
                .setId("7f1b")
                .setMethod(method)
                .setPath(path)
                .setHost("frontend")
                .setScheme("http")
                .setProtocol("HTTP/1.1")
                .setSize(body.isEmpty() ? -1 : body.length())
                .setBody(body)
                .putHeaders(":authority", "frontend")
                .putHeaders("user-agent", "curl")
                .putAllHeaders(headers);
        return CheckRequest.newBuilder()
                .setAttributes(AttributeContext.newBuilder()
                        .setSource(peer(CLIENT, "10.33.0.2", 41000))
                        .setDestination(peer(FRONTEND, "10.33.0.3", 8080))
                        .setRequest(AttributeContext.Request.newBuilder()
                                .setTime(com.google.protobuf.Timestamp.newBuilder()
                                        .setSeconds(1_790_000_000)
                                        .setNanos(500_000_000))
                                .setHttp(http))
                        .putContextExtensions("chapter", "door"))
                .build();
    }

    private static AttributeContext.Peer peer(String principal, String address, int port) {
        return AttributeContext.Peer.newBuilder()
                .setPrincipal(principal)
                .setAddress(Address.newBuilder()
                        .setSocketAddress(
                                SocketAddress.newBuilder().setAddress(address).setPortValue(port)))
                .build();
    }

    @Override
    public void close() throws InterruptedException {
        channel.shutdownNow();
        channel.awaitTermination(5, TimeUnit.SECONDS);
    }
}
