package lateen.xds.bootstrap;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import lateen.xds.text.KnownTypes;

/**
 * Visits a message and all that is inside, also in every {@code Any}, and puts others in their place. What is visited goes by
 * its descriptor and is of no generated class; see {@link KnownTypes}.
 */
abstract class MessageWalk {

    /** Deeper ones were refused when they were read. */
    private static final int DEEPEST = 100;

    private int depth;

    /** What is to stand in the place of that message; {@link #inside} goes on into it. */
    abstract Message visit(Message message, String path);

    /** The same message with all inside of it visited; the very object when nothing changed. */
    final Message inside(Message given, String path) {
        Message message = KnownTypes.byDescriptor(given);
        if (++depth > DEEPEST) {
            throw new Unsupported(path, "nested deeper than " + DEEPEST + " levels");
        }
        try {
            if (message.getDescriptorForType().getFullName().equals("google.protobuf.Any")) {
                return any(message, path);
            }
            return message.getDescriptorForType().getFile().getPackage().equals("google.protobuf")
                    ? message
                    : fields(message, path);
        } finally {
            depth--;
        }
    }

    private Message fields(Message message, String path) {
        Message.Builder changed = null;
        for (Map.Entry<FieldDescriptor, Object> each : message.getAllFields().entrySet()) {
            FieldDescriptor field = each.getKey();
            if (field.getJavaType() != FieldDescriptor.JavaType.MESSAGE) {
                continue;
            }
            String at = path.isEmpty() ? field.getName() : path + "." + field.getName();
            Object before = each.getValue();
            Object after = field.isRepeated() ? list((List<?>) before, at) : visit((Message) before, at);
            if (!same(before, after)) {
                changed = changed == null ? message.toBuilder() : changed;
                changed.setField(field, after);
            }
        }
        return changed == null ? message : changed.build();
    }

    @SuppressWarnings("ReferenceEquality") // What did not change is handed back itself.
    private static boolean same(Object a, Object b) {
        return a == b;
    }

    private List<?> list(List<?> before, String at) {
        List<Object> after = null;
        for (int i = 0; i < before.size(); i++) {
            Message element = (Message) before.get(i);
            Message visited = visit(element, at + "[" + i + "]");
            if (!same(element, visited)) {
                after = after == null ? new ArrayList<>(before) : after;
                after.set(i, visited);
            }
        }
        return after == null ? before : after;
    }

    private Message any(Message message, String path) {
        Any any;
        try {
            any = Any.parseFrom(message.toByteString());
        } catch (InvalidProtocolBufferException e) {
            throw new Unsupported(path, "not readable: " + e.getMessage());
        }
        Message prototype = KnownTypes.prototype(KnownTypes.nameOf(any.getTypeUrl()));
        if (prototype == null) {
            // The decoder says so with better words.
            return message;
        }
        Message content;
        try {
            content = prototype.getParserForType().parseFrom(any.getValue());
        } catch (InvalidProtocolBufferException e) {
            throw new Unsupported(path, "not a readable " + any.getTypeUrl() + ": " + e.getMessage());
        }
        Message visited = visit(content, path);
        return same(content, visited)
                ? message
                : any.toBuilder().setValue(visited.toByteString()).build();
    }
}
