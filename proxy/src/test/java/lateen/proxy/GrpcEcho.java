package lateen.proxy;

import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A real gRPC server: all four kinds of calls, on plain bytes. */
final class GrpcEcho implements AutoCloseable {
    static final MethodDescriptor<byte[], byte[]> UNARY = method("Unary", MethodType.UNARY);
    /** Answers with as many messages of 1,000 bytes as the request's text says. */
    static final MethodDescriptor<byte[], byte[]> DOWNLOAD = method("Download", MethodType.SERVER_STREAMING);
    /** Answers with the sum of the sizes. */
    static final MethodDescriptor<byte[], byte[]> UPLOAD = method("Upload", MethodType.CLIENT_STREAMING);
    /** Answers each message with itself. */
    static final MethodDescriptor<byte[], byte[]> CHAT = method("Chat", MethodType.BIDI_STREAMING);
    /** Fails with the code that the request's text names, and its description. */
    static final MethodDescriptor<byte[], byte[]> FAIL = method("Fail", MethodType.UNARY);
    /** Never answers. */
    static final MethodDescriptor<byte[], byte[]> SILENT = method("Silent", MethodType.UNARY);

    final AtomicInteger cancelled = new AtomicInteger();
    final AtomicInteger calls = new AtomicInteger();
    private final Server server;

    GrpcEcho() throws IOException {
        this(ServerCalls.asyncUnaryCall(GrpcEcho::unary));
    }

    /** All unary calls fail, and are counted. */
    GrpcEcho(Status.Code code, AtomicInteger failures) throws IOException {
        this(ServerCalls.asyncUnaryCall((request, answer) -> {
            failures.incrementAndGet();
            answer.onError(new StatusRuntimeException(code.toStatus()));
        }));
    }

    private GrpcEcho(ServerCallHandler<byte[], byte[]> unary) throws IOException {
        server = NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
                .maxInboundMessageSize(32 << 20)
                .addService(ServerServiceDefinition.builder("test.Echo")
                        .addMethod(UNARY, counted(unary))
                        .addMethod(DOWNLOAD, counted(ServerCalls.asyncServerStreamingCall(GrpcEcho::download)))
                        .addMethod(UPLOAD, counted(ServerCalls.asyncClientStreamingCall(GrpcEcho::upload)))
                        .addMethod(CHAT, counted(ServerCalls.asyncBidiStreamingCall(GrpcEcho::chat)))
                        .addMethod(FAIL, counted(ServerCalls.asyncUnaryCall(GrpcEcho::fail)))
                        .addMethod(SILENT, counted(ServerCalls.asyncUnaryCall(this::silent)))
                        .build())
                .build()
                .start();
    }

    private ServerCallHandler<byte[], byte[]> counted(ServerCallHandler<byte[], byte[]> of) {
        return (call, headers) -> {
            calls.incrementAndGet();
            return of.startCall(call, headers);
        };
    }

    private static MethodDescriptor<byte[], byte[]> method(String name, MethodType type) {
        return MethodDescriptor.newBuilder(new Bytes(), new Bytes())
                .setFullMethodName("test.Echo/" + name)
                .setType(type)
                .build();
    }

    private static void unary(byte[] request, StreamObserver<byte[]> answer) {
        answer.onNext(request);
        answer.onCompleted();
    }

    private static void download(byte[] request, StreamObserver<byte[]> answer) {
        var out = (ServerCallStreamObserver<byte[]>) answer;
        int[] left = {Integer.parseInt(new String(request, StandardCharsets.UTF_8))};
        out.setOnReadyHandler(() -> {
            while (out.isReady() && left[0] >= 0) {
                if (left[0]-- == 0) {
                    out.onCompleted();
                } else {
                    out.onNext(new byte[1000]);
                }
            }
        });
    }

    private static StreamObserver<byte[]> upload(StreamObserver<byte[]> answer) {
        return new StreamObserver<>() {
            private long sum;

            @Override
            public void onNext(byte[] message) {
                sum += message.length;
            }

            @Override
            public void onError(Throwable error) {}

            @Override
            public void onCompleted() {
                answer.onNext(Long.toString(sum).getBytes(StandardCharsets.UTF_8));
                answer.onCompleted();
            }
        };
    }

    private static StreamObserver<byte[]> chat(StreamObserver<byte[]> answer) {
        return new StreamObserver<>() {
            @Override
            public void onNext(byte[] message) {
                answer.onNext(message);
            }

            @Override
            public void onError(Throwable error) {}

            @Override
            public void onCompleted() {
                answer.onCompleted();
            }
        };
    }

    private static void fail(byte[] request, StreamObserver<byte[]> answer) {
        String code = new String(request, StandardCharsets.UTF_8);
        answer.onError(
                new StatusRuntimeException(Status.Code.valueOf(code).toStatus().withDescription("as asked")));
    }

    private void silent(byte[] request, StreamObserver<byte[]> answer) {
        ((ServerCallStreamObserver<byte[]>) answer).setOnCancelHandler(cancelled::incrementAndGet);
    }

    int port() {
        return server.getPort();
    }

    /** Once this returns nobody is answered any more. */
    @Override
    public void close() throws InterruptedException {
        server.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
    }

    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
