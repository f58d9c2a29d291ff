package lateen.control.source;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import com.google.protobuf.Message;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import lateen.xdsserver.EncodedResource;
import org.jspecify.annotations.Nullable;

/**
 * YAML → a message, by protobuf's JSON mapping, with every fault reported where it stands. Field names in either
 * spelling. {@code google.protobuf.Any} is written with {@code "@type"}; a {@code TypedStruct} inside becomes the message
 * that it stands for, so that every proxy is sent the same form and faults are seen here.
 */
final class ProtoReader {

    private static final String TYPE = "@type";

    private final Problems problems;
    private final ProtoScalars scalars;

    ProtoReader(Problems problems) {
        this.problems = problems;
        this.scalars = new ProtoScalars(problems);
    }

    /** The message, as far as it could be read. */
    Message read(YamlNode node, String path, Message prototype) {
        Message.Builder out = prototype.newBuilderForType();
        if (!node.isNothing()) {
            fields(node, path, out, "");
        }
        return out.build();
    }

    /** @param left out of the map's keys: not a field */
    private void fields(YamlNode node, String path, Message.Builder out, String left) {
        if (!(node instanceof YamlNode.Fields map)) {
            wrong(node, path, "a map, " + out.getDescriptorForType().getFullName());
            return;
        }
        Map<OneofDescriptor, String> chosen = new HashMap<>();
        map.entries().forEach((name, entry) -> {
            if (name.equals(left) || entry.value().isNothing()) {
                return;
            }
            String at = path + "." + name;
            FieldDescriptor field = field(out.getDescriptorForType(), name);
            if (field == null) {
                problems.error(entry.key(), at, unknown(out.getDescriptorForType()));
                return;
            }
            OneofDescriptor oneof = field.getRealContainingOneof();
            String other = oneof == null ? null : chosen.putIfAbsent(oneof, name);
            if (other != null) {
                problems.error(entry.key(), at, "is there beside " + other + " (expected: one of the two)");
                return;
            }
            set(field, entry.value(), at, out);
        });
    }

    private static @Nullable FieldDescriptor field(Descriptor type, String name) {
        FieldDescriptor field = type.findFieldByName(name);
        return field != null
                ? field
                : type.getFields().stream()
                        .filter(f -> f.getJsonName().equals(name))
                        .findFirst()
                        .orElse(null);
    }

    private static String unknown(Descriptor type) {
        return "unknown field of " + type.getFullName() + " (expected: "
                + type.getFields().stream()
                        .map(FieldDescriptor::getName)
                        .sorted()
                        .collect(Collectors.joining(", "))
                + ")";
    }

    private void set(FieldDescriptor field, YamlNode node, String at, Message.Builder out) {
        if (field.isMapField()) {
            entries(field, node, at, out);
        } else if (!field.isRepeated()) {
            Object value = value(field, node, at, out);
            if (value != null) {
                out.setField(field, value);
            }
        } else if (node instanceof YamlNode.Items items) {
            for (int i = 0; i < items.items().size(); i++) {
                Object value = value(field, items.items().get(i), at + "[" + i + "]", out);
                if (value != null) {
                    out.addRepeatedField(field, value);
                }
            }
        } else {
            wrong(node, at, "a list");
        }
    }

    private void entries(FieldDescriptor field, YamlNode node, String at, Message.Builder out) {
        if (!(node instanceof YamlNode.Fields map)) {
            wrong(node, at, "a map");
            return;
        }
        FieldDescriptor keys = field.getMessageType().findFieldByName("key");
        FieldDescriptor values = field.getMessageType().findFieldByName("value");
        map.entries().forEach((name, entry) -> {
            Message.Builder pair = out.newBuilderForField(field);
            // A key is quoted text in JSON, whatever its type.
            Object key = scalars.read(keys, new YamlNode.Scalar(entry.key(), name, false), at);
            Object value = value(values, entry.value(), at + "." + name, pair);
            if (key != null && value != null) {
                out.addRepeatedField(
                        field, pair.setField(keys, key).setField(values, value).build());
            }
        });
    }

    private @Nullable Object value(FieldDescriptor field, YamlNode node, String at, Message.Builder parent) {
        if (field.getJavaType() != FieldDescriptor.JavaType.MESSAGE) {
            return scalars.read(field, node, at);
        }
        if (field.getMessageType().getFullName().equals("google.protobuf.Any")) {
            return any(node, at);
        }
        if (ProtoScalars.isWellKnown(field.getMessageType())) {
            return scalars.wellKnown(field.getMessageType(), node, at);
        }
        Message.Builder out = parent.newBuilderForField(field);
        fields(node, at, out, "");
        return out.build();
    }

    private @Nullable Any any(YamlNode node, String at) {
        if (!(node instanceof YamlNode.Fields map) || !(text(map, TYPE) instanceof YamlNode.Scalar type)) {
            wrong(node, at, "a map with \"" + TYPE + "\"");
            return null;
        }
        String name = type.value().substring(type.value().lastIndexOf('/') + 1);
        if (name.equals("udpa.type.v1.TypedStruct") || name.equals("xds.type.v3.TypedStruct")) {
            return struct(map, at);
        }
        return message(type, map, at, at + "." + TYPE, TYPE);
    }

    private @Nullable Any struct(YamlNode.Fields map, String at) {
        String url = map.entries().containsKey("typeUrl") ? "typeUrl" : "type_url";
        map.entries().forEach((name, entry) -> {
            if (!name.equals(TYPE) && !name.equals(url) && !name.equals("value")) {
                problems.error(entry.key(), at + "." + name, "unknown field (expected: type_url, value)");
            }
        });
        if (!(text(map, url) instanceof YamlNode.Scalar type)) {
            problems.error(map.origin(), at + "." + url, "is missing (expected: the type of the value)");
            return null;
        }
        YamlNode.Entry value = map.entries().get("value");
        YamlNode content = value == null || value.value().isNothing()
                ? new YamlNode.Fields(map.origin(), new java.util.LinkedHashMap<>())
                : value.value();
        return message(type, content, at + ".value", at + "." + url, "");
    }

    private @Nullable Any message(YamlNode.Scalar type, YamlNode content, String at, String typeAt, String left) {
        Message prototype = EnvoyTypes.of(type.value());
        if (prototype == null) {
            problems.error(
                    type.origin(),
                    typeAt,
                    type.described()
                            + " is not known (expected: type.googleapis.com/ and a message of Envoy's API v3)");
            return null;
        }
        Message.Builder out = prototype.newBuilderForType();
        fields(content, at, out, left);
        return EncodedResource.pack(out.build());
    }

    private static @Nullable YamlNode text(YamlNode.Fields map, String name) {
        YamlNode.Entry entry = map.entries().get(name);
        return entry != null && entry.value() instanceof YamlNode.Scalar s && !s.isNull() ? s : null;
    }

    private void wrong(YamlNode node, String at, String expected) {
        problems.error(node.origin(), at, node.described() + " (expected: " + expected + ")");
    }
}
