package lateen.xds.decode;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.util.JsonFormat;
import io.envoyproxy.envoy.extensions.filters.http.ext_authz.v3.ExtAuthz;
import io.envoyproxy.envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBAC;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A filter's configuration written as JSON inside of {@code xds.type.v3.TypedStruct} or {@code udpa.type.v1.TypedStruct},
 * as EnvoyFilters of Istio's users have it, made into the message that it stands for. Such a message is read by
 * descriptors, which costs memory that those without one do not pay.
 */
final class TypedStructs {

    /** What such JSON may stand for. */
    private static final class Messages {
        static final Map<String, Message> BY_NAME = List.<Message>of(
                        ExtAuthz.getDefaultInstance(),
                        LocalRateLimit.getDefaultInstance(),
                        RBAC.getDefaultInstance(),
                        Router.getDefaultInstance())
                .stream()
                .collect(Collectors.toMap(each -> each.getDescriptorForType().getFullName(), Function.identity()));
    }

    private TypedStructs() {}

    /** The configuration as a message; anything else stays what it is. */
    @SuppressWarnings("deprecation") // udpa: the older name, in use.
    static Any plain(Any any, FieldPath at) {
        try {
            return switch (Values.typeName(any)) {
                case "xds.type.v3.TypedStruct" -> {
                    var struct = com.github.xds.type.v3.TypedStruct.parseFrom(any.getValue());
                    yield message(struct.getTypeUrl(), struct.getValue(), at);
                }
                case "udpa.type.v1.TypedStruct" -> {
                    var struct = com.github.udpa.udpa.type.v1.TypedStruct.parseFrom(any.getValue());
                    yield message(struct.getTypeUrl(), struct.getValue(), at);
                }
                default -> any;
            };
        } catch (InvalidProtocolBufferException e) {
            throw at.because("not a readable " + Values.typeName(any) + ": " + e.getMessage());
        }
    }

    private static Any message(String typeUrl, Struct value, FieldPath at) {
        Any.Builder any = Any.newBuilder().setTypeUrl(typeUrl);
        Message prototype = Messages.BY_NAME.get(Values.typeName(any.build()));
        if (prototype == null) {
            // Whoever asked says by name that it is not supported.
            return any.build();
        }
        Message.Builder message = prototype.newBuilderForType();
        try {
            JsonFormat.parser().merge(JsonFormat.printer().print(value), message);
        } catch (InvalidProtocolBufferException e) {
            throw at.at("value")
                    .because("no " + prototype.getDescriptorForType().getFullName() + ": " + e.getMessage());
        }
        return any.setValue(message.build().toByteString()).build();
    }
}
