package lateen.control.translate;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lateen.control.source.EnvoyTypes;

/**
 * Istio's MERGE of a patch into what was translated: single values and durations are replaced, maps by key, lists are
 * appended, messages are merged inside; so is a {@code typed_config} of the same type, while one of another type, and any
 * other {@code Any}, takes the place of the old one. As in protobuf, a plain field cannot be set back to its default.
 */
final class MessageMerge {

    private MessageMerge() {}

    /** @param patch of the type of {@code base} */
    @SuppressWarnings("unchecked") // A builder of a message builds messages of that class.
    static <M extends Message> M merge(M base, Message patch) {
        Message.Builder out = base.toBuilder();
        patch.getAllFields().forEach((field, value) -> {
            if (field.isMapField()) {
                entries(field, (List<?>) value, out);
            } else if (field.isRepeated()) {
                ((List<?>) value).forEach(each -> out.addRepeatedField(field, each));
            } else if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE && out.hasField(field)) {
                out.setField(field, inside(field, (Message) out.getField(field), (Message) value));
            } else {
                out.setField(field, value);
            }
        });
        return (M) out.build();
    }

    private static Message inside(FieldDescriptor field, Message old, Message patch) {
        if (patch instanceof Any added && old instanceof Any held) {
            return field.getName().equals("typed_config") ? typed(held, added) : added;
        }
        // Seconds of one duration and nanoseconds of another make neither.
        return field.getMessageType().getFile().getPackage().equals("google.protobuf") ? patch : merge(old, patch);
    }

    private static Any typed(Any held, Any added) {
        Message prototype = EnvoyTypes.of(held.getTypeUrl());
        if (prototype == null || !held.getTypeUrl().equals(added.getTypeUrl())) {
            return added;
        }
        try {
            var parser = prototype.getParserForType();
            return Pack.any(merge(parser.parseFrom(held.getValue()), parser.parseFrom(added.getValue())));
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError("both were written by this program", e);
        }
    }

    private static void entries(FieldDescriptor field, List<?> added, Message.Builder out) {
        FieldDescriptor key = field.getMessageType().findFieldByName("key");
        Map<Object, Object> all = new LinkedHashMap<>();
        for (Object each : (List<?>) out.getField(field)) {
            all.put(((Message) each).getField(key), each);
        }
        for (Object each : added) {
            all.put(((Message) each).getField(key), each);
        }
        out.clearField(field);
        all.values().forEach(each -> out.addRepeatedField(field, each));
    }
}
