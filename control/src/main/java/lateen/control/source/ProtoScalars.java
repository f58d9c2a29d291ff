package lateen.control.source;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Duration;
import com.google.protobuf.ListValue;
import com.google.protobuf.Message;
import com.google.protobuf.NullValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import com.google.protobuf.Value;
import com.google.protobuf.util.Durations;
import com.google.protobuf.util.Timestamps;
import java.math.BigDecimal;
import java.text.ParseException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Protobuf's JSON mapping of single values, and of the messages that JSON writes as single values. */
final class ProtoScalars {

    private static final Set<String> WRAPPERS = Set.of(
            "BoolValue",
            "BytesValue",
            "DoubleValue",
            "FloatValue",
            "Int32Value",
            "Int64Value",
            "StringValue",
            "UInt32Value",
            "UInt64Value");

    /** In characters; what is longer only costs time. */
    private static final int LONGEST_NUMBER = 40;

    private final Problems problems;

    ProtoScalars(Problems problems) {
        this.problems = problems;
    }

    /** Null after the fault was reported. */
    @Nullable
    Object read(FieldDescriptor field, YamlNode node, String at) {
        if (!(node instanceof YamlNode.Scalar scalar) || scalar.isNull()) {
            wrong(node, at, expected(field));
            return null;
        }
        Object value = switch (field.getJavaType()) {
            case STRING -> scalar.isString() ? scalar.value() : null;
            case BOOLEAN ->
                scalar.isBoolean() || scalar.value().matches("true|false")
                        ? (Object) Boolean.valueOf(scalar.value())
                        : null;
            case INT, LONG -> integer(field, scalar);
            case FLOAT, DOUBLE -> real(field, scalar);
            case ENUM -> constant(field, scalar);
            case BYTE_STRING -> bytes(scalar);
            case MESSAGE -> null;
        };
        if (value == null) {
            wrong(node, at, expected(field));
        }
        return value;
    }

    private static String expected(FieldDescriptor field) {
        return switch (field.getJavaType()) {
            case STRING -> "text; quote what looks like a number, true or false";
            case BOOLEAN -> "true or false";
            case INT, LONG -> "a whole number, " + field.getType().name().toLowerCase(java.util.Locale.ROOT);
            case FLOAT, DOUBLE -> "a number";
            case ENUM ->
                field.getEnumType().getValues().stream()
                        .map(EnumValueDescriptor::getName)
                        .collect(Collectors.joining(", "));
            case BYTE_STRING -> "base64";
            case MESSAGE -> "a map";
        };
    }

    private static @Nullable Object integer(FieldDescriptor field, YamlNode.Scalar scalar) {
        if (scalar.value().length() > LONGEST_NUMBER) {
            return null;
        }
        try {
            // 1e3 and 5.0 are whole numbers too.
            BigDecimal number = new BigDecimal(scalar.value());
            boolean unsigned = switch (field.getType()) {
                case UINT32, UINT64, FIXED32, FIXED64 -> true;
                default -> false;
            };
            if ((long) number.precision() - number.scale() > 20) {
                return null;
            }
            if (field.getJavaType() == FieldDescriptor.JavaType.INT) {
                long value = number.longValueExact();
                long least = unsigned ? 0 : Integer.MIN_VALUE;
                long most = unsigned ? 0xFFFF_FFFFL : Integer.MAX_VALUE;
                return value < least || value > most ? null : (Object) (int) value;
            }
            return unsigned
                    ? (Object) Long.parseUnsignedLong(number.toBigIntegerExact().toString())
                    : (Object) number.longValueExact();
        } catch (ArithmeticException | NumberFormatException e) {
            return null;
        }
    }

    private static @Nullable Object real(FieldDescriptor field, YamlNode.Scalar scalar) {
        try {
            double value = Double.parseDouble(scalar.value());
            return field.getJavaType() == FieldDescriptor.JavaType.FLOAT ? (Object) (float) value : (Object) value;
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private static @Nullable Object constant(FieldDescriptor field, YamlNode.Scalar scalar) {
        EnumValueDescriptor named = field.getEnumType().findValueByName(scalar.value());
        if (named == null && scalar.isNumber() && scalar.value().matches("[0-9]{1,9}")) {
            return field.getEnumType().findValueByNumber(Integer.parseInt(scalar.value()));
        }
        return named;
    }

    private static @Nullable Object bytes(YamlNode.Scalar scalar) {
        try {
            return ByteString.copyFrom(Base64.getDecoder().decode(scalar.value()));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** Whether JSON writes it otherwise than as a map of its fields. {@code Any} is not among them. */
    static boolean isWellKnown(Descriptor type) {
        String name = type.getName();
        return type.getFile().getPackage().equals("google.protobuf")
                && (WRAPPERS.contains(name)
                        || Set.of("Duration", "Timestamp", "Struct", "Value", "ListValue")
                                .contains(name));
    }

    /** Null after the fault was reported. */
    @Nullable
    Message wellKnown(Descriptor type, YamlNode node, String at) {
        return switch (type.getName()) {
            case "Struct" -> struct(node, at);
            case "Value" -> value(node, at);
            case "ListValue" -> list(node, at);
            case "Duration" -> duration(node, at);
            case "Timestamp" -> timestamp(node, at);
            default -> wrapper(type, node, at);
        };
    }

    private @Nullable Message wrapper(Descriptor type, YamlNode node, String at) {
        FieldDescriptor field = type.findFieldByName("value");
        Object value = read(field, node, at);
        return value == null ? null : wrapper(type.getName(), value);
    }

    private static Message wrapper(String name, Object value) {
        return switch (name) {
            case "BoolValue" -> com.google.protobuf.BoolValue.of((Boolean) value);
            case "BytesValue" -> com.google.protobuf.BytesValue.of((ByteString) value);
            case "DoubleValue" -> com.google.protobuf.DoubleValue.of((Double) value);
            case "FloatValue" -> com.google.protobuf.FloatValue.of((Float) value);
            case "Int32Value" -> com.google.protobuf.Int32Value.of((Integer) value);
            case "Int64Value" -> com.google.protobuf.Int64Value.of((Long) value);
            case "StringValue" -> com.google.protobuf.StringValue.of((String) value);
            case "UInt32Value" -> com.google.protobuf.UInt32Value.of((Integer) value);
            default -> com.google.protobuf.UInt64Value.of((Long) value);
        };
    }

    private @Nullable Duration duration(YamlNode node, String at) {
        try {
            if (node instanceof YamlNode.Scalar scalar && scalar.isString()) {
                return Durations.parse(scalar.value());
            }
        } catch (ParseException e) {
            // The same message as for anything else that is no duration.
        }
        wrong(node, at, "seconds, as in 60s or 0.5s");
        return null;
    }

    private @Nullable Timestamp timestamp(YamlNode node, String at) {
        try {
            if (node instanceof YamlNode.Scalar scalar && scalar.isString()) {
                return Timestamps.parse(scalar.value());
            }
        } catch (ParseException e) {
            // The same message as for anything else that is no time.
        }
        wrong(node, at, "RFC 3339 time");
        return null;
    }

    private @Nullable Struct struct(YamlNode node, String at) {
        if (!(node instanceof YamlNode.Fields map)) {
            wrong(node, at, "a map");
            return null;
        }
        Struct.Builder out = Struct.newBuilder();
        for (Map.Entry<String, YamlNode.Entry> each : map.entries().entrySet()) {
            out.putFields(each.getKey(), value(each.getValue().value(), at + "." + each.getKey()));
        }
        return out.build();
    }

    private @Nullable ListValue list(YamlNode node, String at) {
        if (!(node instanceof YamlNode.Items items)) {
            wrong(node, at, "a list");
            return null;
        }
        return ListValue.newBuilder().addAllValues(values(items, at)).build();
    }

    private List<Value> values(YamlNode.Items items, String at) {
        return items.items().stream().map(i -> value(i, at)).toList();
    }

    private Value value(YamlNode node, String at) {
        Value.Builder out = Value.newBuilder();
        switch (node) {
            case YamlNode.Fields map -> {
                Struct struct = struct(map, at);
                out.setStructValue(struct == null ? Struct.getDefaultInstance() : struct);
            }
            case YamlNode.Items items -> out.setListValue(ListValue.newBuilder().addAllValues(values(items, at)));
            case YamlNode.Scalar s when s.isNull() -> out.setNullValue(NullValue.NULL_VALUE);
            case YamlNode.Scalar s when s.isBoolean() -> out.setBoolValue(Boolean.parseBoolean(s.value()));
            case YamlNode.Scalar s when s.isNumber() -> number(s, at, out);
            case YamlNode.Scalar s -> out.setStringValue(s.value());
        }
        return out.build();
    }

    private void number(YamlNode.Scalar scalar, String at, Value.Builder out) {
        try {
            out.setNumberValue(Double.parseDouble(scalar.value()));
        } catch (NumberFormatException e) {
            wrong(scalar, at, "a decimal number");
        }
    }

    private void wrong(YamlNode node, String at, String expected) {
        problems.error(node.origin(), at, node.described() + " (expected: " + expected + ")");
    }
}
