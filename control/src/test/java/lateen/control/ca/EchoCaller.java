package lateen.control.ca;

import com.google.protobuf.Empty;
import com.google.protobuf.StringValue;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import java.util.concurrent.TimeUnit;

/** A service beside the CA that answers with its caller's name. */
final class EchoCaller {
    private static final MethodDescriptor<Empty, StringValue> WHO = MethodDescriptor.<Empty, StringValue>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName("test.Echo/Who")
            .setRequestMarshaller(ProtoUtils.marshaller(Empty.getDefaultInstance()))
            .setResponseMarshaller(ProtoUtils.marshaller(StringValue.getDefaultInstance()))
            .build();

    private EchoCaller() {}

    static ServerServiceDefinition service() {
        return ServerServiceDefinition.builder("test.Echo")
                .addMethod(WHO, ServerCalls.asyncUnaryCall((request, answer) -> {
                    answer.onNext(StringValue.of(String.valueOf(PeerIdentity.CALLER.get())));
                    answer.onCompleted();
                }))
                .build();
    }

    static String ask(Channel channel) {
        return ClientCalls.blockingUnaryCall(
                        channel,
                        WHO,
                        CallOptions.DEFAULT.withDeadlineAfter(10, TimeUnit.SECONDS),
                        Empty.getDefaultInstance())
                .getValue();
    }
}
