package lateen.xds.text;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.ListValue;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A tree → a message, by descriptors, in protobuf's JSON form (names as in the proto or in camel case). Reads on after a
 * problem, so that all are found. What the file leaves out of the messages that stand in it is held against Envoy's own
 * rules ({@link FieldRules}) on the way.
 */
final class MessageReader {

    private static final String TYPE = "@type";

    private final String file;
    private final List<Problem> problems;

    MessageReader(String file, List<Problem> problems) {
        this.file = file;
        this.problems = problems;
    }

    /** Adds what the tree says to the message. */
    void read(Tree tree, Message.Builder into, Place at) {
        switch (into.getDescriptorForType().getFullName()) {
            case "google.protobuf.Any" -> any(tree, into, at);
            case "google.protobuf.Struct" -> struct(tree, into, at);
            case "google.protobuf.Value" -> add(value(tree), into);
            case "google.protobuf.ListValue" -> {
                if (tree instanceof Tree.Items(int _, List<Tree> items)) {
                    ListValue.Builder list = ListValue.newBuilder();
                    items.forEach(item -> list.addValues(value(item)));
                    add(list.build(), into);
                } else {
                    problem(at, tree, "a list");
                }
            }
            case "google.protobuf.Duration", "google.protobuf.Timestamp", "google.protobuf.FieldMask" -> {
                Message known = tree instanceof Tree.Scalar scalar
                        ? Scalars.wellKnown(scalar, into.getDescriptorForType())
                        : null;
                if (known == null) {
                    problem(at, tree, Scalars.expected(into.getDescriptorForType()));
                } else {
                    add(known, into);
                }
            }
            default -> {
                FieldDescriptor wrapped = wrapped(into.getDescriptorForType());
                if (wrapped != null) {
                    single(tree, into, wrapped, at);
                } else if (tree instanceof Tree.Fields fields) {
                    fields(fields, into, at);
                } else {
                    problem(
                            at,
                            tree,
                            "a map with fields of "
                                    + into.getDescriptorForType().getFullName());
                }
            }
        }
    }

    /** By its bytes: {@code into} may be of the generated class or go by the descriptor alone. */
    private static void add(Message message, Message.Builder into) {
        try {
            into.mergeFrom(message.toByteString());
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError("both are of the same type", e);
        }
    }

    private static @Nullable FieldDescriptor wrapped(Descriptor type) {
        return type.getFile().getName().equals("google/protobuf/wrappers.proto") ? type.findFieldByNumber(1) : null;
    }

    private void fields(Tree.Fields fields, Message.Builder into, Place at) {
        int before = problems.size();
        fields.entries().forEach((key, entry) -> {
            if (!key.equals(TYPE)) {
                field(key, entry, into, at);
            }
        });
        FieldRules.check(into, at, problems.size() == before, (place, text) -> {
            Tree.Entry entry = fields.entries().get(place.segment());
            int line = entry == null ? 0 : entry.line();
            problems.add(new Problem(file, line > 0 ? line : place.nearestLine(), place.toString(), text));
        });
    }

    private void field(String key, Tree.Entry entry, Message.Builder into, Place at) {
        FieldDescriptor field = find(into.getDescriptorForType(), key);
        Place where = at.at(key, entry.line());
        if (field == null) {
            problems.add(new Problem(
                    file,
                    where.nearestLine(),
                    where.toString(),
                    "unknown field of " + into.getDescriptorForType().getFullName()));
            return;
        }
        boolean value = field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
                && field.getMessageType().getFullName().equals("google.protobuf.Value");
        if (entry.value().isNothing() && !value) {
            return;
        }
        OneofDescriptor oneof = field.getRealContainingOneof();
        if (oneof != null) {
            FieldDescriptor other = into.getOneofFieldDescriptor(oneof);
            if (other != null && !other.equals(field)) {
                problems.add(new Problem(
                        file,
                        where.nearestLine(),
                        where.toString(),
                        "beside '" + other.getName() + "' (expected: only one of them)"));
                return;
            }
        }
        if (field.isMapField()) {
            map(entry.value(), into, field, where);
        } else if (field.isRepeated()) {
            list(entry.value(), into, field, where);
        } else {
            single(entry.value(), into, field, where);
        }
    }

    private static @Nullable FieldDescriptor find(Descriptor type, String key) {
        FieldDescriptor field = type.findFieldByName(key);
        if (field != null) {
            return field;
        }
        for (FieldDescriptor each : type.getFields()) {
            if (each.getJsonName().equals(key)) {
                return each;
            }
        }
        return null;
    }

    private void single(Tree tree, Message.Builder into, FieldDescriptor field, Place at) {
        if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
            Message.Builder inner = into.hasField(field)
                    ? ((Message) into.getField(field)).toBuilder()
                    : into.newBuilderForField(field);
            int before = problems.size();
            read(tree, inner, at);
            // A value that could not be read would break rules of its own.
            if (problems.size() == before) {
                into.setField(field, inner.buildPartial());
            }
            return;
        }
        Object value = scalar(tree, field, at);
        if (value != null) {
            into.setField(field, value);
        }
    }

    private void list(Tree tree, Message.Builder into, FieldDescriptor field, Place at) {
        if (!(tree instanceof Tree.Items(int _, List<Tree> items))) {
            problem(at, tree, "a list");
            return;
        }
        for (Tree item : items) {
            Place where = at.parent() == null
                    ? at
                    : at.parent().at(at.segment(), into.getRepeatedFieldCount(field), item.line());
            if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
                Message.Builder inner = into.newBuilderForField(field);
                read(item, inner, where);
                into.addRepeatedField(field, inner.buildPartial());
            } else {
                Object value = scalar(item, field, where);
                if (value != null) {
                    into.addRepeatedField(field, value);
                }
            }
        }
    }

    private void map(Tree tree, Message.Builder into, FieldDescriptor field, Place at) {
        if (!(tree instanceof Tree.Fields fields)) {
            problem(at, tree, "a map");
            return;
        }
        FieldDescriptor key = field.getMessageType().findFieldByNumber(1);
        FieldDescriptor value = field.getMessageType().findFieldByNumber(2);
        for (Map.Entry<String, Tree.Entry> each : fields.entries().entrySet()) {
            Place where = at.at("'" + each.getKey() + "'", each.getValue().line());
            Object name = scalar(
                    new Tree.Scalar(
                            each.getValue().line(),
                            each.getKey(),
                            key.getJavaType() == FieldDescriptor.JavaType.STRING),
                    key,
                    where);
            if (name == null) {
                continue;
            }
            Message.Builder entry = into.newBuilderForField(field);
            entry.setField(key, name);
            single(each.getValue().value(), entry, value, where);
            into.addRepeatedField(field, entry.buildPartial());
        }
    }

    private @Nullable Object scalar(Tree tree, FieldDescriptor field, Place at) {
        Object value = tree instanceof Tree.Scalar scalar ? Scalars.read(scalar, field) : null;
        if (value == null) {
            problem(at, tree, Scalars.expected(field));
        }
        return value;
    }

    private void any(Tree tree, Message.Builder into, Place at) {
        if (!(tree instanceof Tree.Fields fields)) {
            problem(at, tree, "a map with @type");
            return;
        }
        Tree.Entry type = fields.entries().get(TYPE);
        if (type == null || !(type.value() instanceof Tree.Scalar(int _, String url, boolean _))) {
            problems.add(
                    new Problem(file, line(at, tree), at.toString(), "no @type (expected: type.googleapis.com/…)"));
            return;
        }
        Message prototype = url.indexOf('/') < 0 ? null : KnownTypes.prototype(KnownTypes.nameOf(url));
        if (prototype == null) {
            problems.add(new Problem(
                    file,
                    type.line() > 0 ? type.line() : at.nearestLine(),
                    at + "." + TYPE,
                    "unknown type " + type.value().described() + " (expected: a message of Envoy's API v3)"));
            return;
        }
        Message.Builder inner = prototype.newBuilderForType();
        Tree.Entry wrapped = fields.entries().get("value");
        if (prototype.getDescriptorForType().getFullName().startsWith("google.protobuf.") && wrapped != null) {
            read(wrapped.value(), inner, at);
        } else {
            read(fields, inner, at);
        }
        add(
                Any.newBuilder()
                        .setTypeUrl(url)
                        .setValue(inner.buildPartial().toByteString())
                        .build(),
                into);
    }

    private void struct(Tree tree, Message.Builder into, Place at) {
        if (tree instanceof Tree.Fields fields) {
            Struct.Builder struct = Struct.newBuilder();
            fields.entries().forEach((key, entry) -> struct.putFields(key, value(entry.value())));
            add(struct.build(), into);
        } else {
            problem(at, tree, "a map");
        }
    }

    private static Value value(Tree tree) {
        Value.Builder value = Value.newBuilder();
        switch (tree) {
            case Tree.Items(int _, List<Tree> items) ->
                items.forEach(item -> value.getListValueBuilder().addValues(value(item)));
            case Tree.Fields fields -> {
                value.setStructValue(Struct.getDefaultInstance());
                fields.entries()
                        .forEach((key, entry) -> value.getStructValueBuilder().putFields(key, value(entry.value())));
            }
            case Tree.Scalar scalar -> Scalars.value(scalar, value);
        }
        return value.build();
    }

    private void problem(Place at, Tree found, String expected) {
        problems.add(
                new Problem(file, line(at, found), at.toString(), found.described() + " (expected: " + expected + ")"));
    }

    private static int line(Place at, Tree found) {
        return found.line() > 0 ? found.line() : at.nearestLine();
    }
}
