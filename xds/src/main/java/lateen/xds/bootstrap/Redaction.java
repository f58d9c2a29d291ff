package lateen.xds.bootstrap;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.envoyproxy.envoy.admin.v3.BootstrapConfigDump;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.core.v3.GrpcService;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import java.util.Map;
import lateen.xds.text.KnownTypes;
import udpa.annotations.Sensitive;

/** A bootstrap as {@code /config_dump} shows it: without what Envoy's API marks as sensitive, and without tokens. */
final class Redaction extends MessageWalk {

    private static final String REDACTED = "[redacted]";

    private Redaction() {}

    static String json(Bootstrap bootstrap) {
        var _ = KnownTypes.prototype("envoy.admin.v3.BootstrapConfigDump");
        try {
            Message shown = new Redaction().visit(KnownTypes.byDescriptor(bootstrap), "");
            Any dump = Any.pack(BootstrapConfigDump.newBuilder()
                    .setBootstrap(Bootstrap.parseFrom(shown.toByteString()))
                    .build());
            return JsonFormat.printer()
                    .usingTypeRegistry(KnownTypes.met())
                    .preservingProtoFieldNames()
                    .print(dump);
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError("it was read with the same types", e);
        }
    }

    @Override
    Message visit(Message message, String path) {
        Message.Builder changed = message.toBuilder();
        boolean any = false;
        for (Map.Entry<FieldDescriptor, Object> each : message.getAllFields().entrySet()) {
            FieldDescriptor field = each.getKey();
            if (field.getOptions().getExtension(Sensitive.sensitive)) {
                any = true;
                changed.clearField(field);
                if (field.getJavaType() == FieldDescriptor.JavaType.STRING && !field.isRepeated()) {
                    changed.setField(field, REDACTED);
                } else if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE && !field.isRepeated()) {
                    changed.setField(field, hidden((Message) each.getValue()));
                }
            }
        }
        Message visited = inside(any ? changed.build() : message, path);
        return visited.getDescriptorForType().equals(GrpcService.getDescriptor()) ? tokens(visited) : visited;
    }

    /** What Envoy shows for a source of data. */
    private static Message hidden(Message message) {
        FieldDescriptor text = message.getDescriptorForType().findFieldByName("inline_string");
        return text == null
                ? message.getDefaultInstanceForType()
                : message.newBuilderForType().setField(text, REDACTED).build();
    }

    private static Message tokens(Message message) {
        GrpcService service;
        try {
            service = GrpcService.parseFrom(message.toByteString());
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError("it was read with the same types", e);
        }
        GrpcService.Builder hidden = service.toBuilder().clearInitialMetadata();
        for (HeaderValue header : service.getInitialMetadataList()) {
            hidden.addInitialMetadata(
                    HeaderValue.newBuilder().setKey(header.getKey()).setValue(REDACTED));
        }
        return hidden.build();
    }
}
