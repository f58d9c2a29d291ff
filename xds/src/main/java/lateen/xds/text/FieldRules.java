package lateen.xds.text;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import com.google.protobuf.Duration;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.MessageOrBuilder;
import com.google.re2j.Pattern;
import io.envoyproxy.pgv.validate.Validate;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rules that Envoy's API itself carries ({@code validate.rules} in its protos): required fields, ranges, lengths. A
 * file that breaks one is refused by Envoy when it starts.
 */
final class FieldRules {

    /** Takes a broken rule. */
    interface Report {
        void broken(Place at, String text);
    }

    private final MessageOrBuilder message;
    private final Place at;
    private final Report report;

    private FieldRules(MessageOrBuilder message, Place at, Report report) {
        this.message = message;
        this.at = at;
        this.report = report;
    }

    /**
     * Checks the fields of this message, not of those inside.
     *
     * @param whole whether all that stands there could be read; else nothing is said of what is missing
     */
    static void check(MessageOrBuilder message, Place at, boolean whole, Report report) {
        FieldRules rules = new FieldRules(message, at, report);
        if (whole) {
            for (OneofDescriptor oneof : message.getDescriptorForType().getRealOneofs()) {
                rules.oneof(oneof);
            }
        }
        for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
            if (field.getOptions().hasExtension(Validate.rules)) {
                rules.field(field, field.getOptions().getExtension(Validate.rules), whole);
            }
        }
    }

    private void oneof(OneofDescriptor oneof) {
        if (oneof.getOptions().getExtension(Validate.required) && message.getOneofFieldDescriptor(oneof) == null) {
            report.broken(
                    at,
                    "none of "
                            + oneof.getFields().stream()
                                    .map(FieldDescriptor::getName)
                                    .toList() + " (expected: one)");
        }
    }

    private void field(FieldDescriptor field, Validate.FieldRules rules, boolean whole) {
        if (field.isMapField()) {
            return;
        }
        if (field.isRepeated()) {
            list(field, rules.getRepeated(), whole);
            return;
        }
        if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
            boolean required = rules.getMessage().getRequired()
                    || rules.getDuration().getRequired()
                    || rules.getTimestamp().getRequired()
                    || rules.getAny().getRequired();
            if (!message.hasField(field)) {
                if (required && whole && field.getRealContainingOneof() == null) {
                    report.broken(inside(field), "missing (expected: it is required)");
                }
                return;
            }
        } else if ((field.getRealContainingOneof() != null || !whole) && !message.hasField(field)) {
            return;
        }
        value(message.getField(field), rules, inside(field));
    }

    private Place inside(FieldDescriptor field) {
        return at.at(field.getName(), 0);
    }

    private void list(FieldDescriptor field, Validate.RepeatedRules rules, boolean whole) {
        int count = message.getRepeatedFieldCount(field);
        if (!whole || (rules.getIgnoreEmpty() && count == 0)) {
            return;
        }
        if (count < rules.getMinItems()) {
            report.broken(inside(field), count + " elements (expected: at least " + rules.getMinItems() + ")");
        }
        if (rules.hasMaxItems() && count > rules.getMaxItems()) {
            report.broken(inside(field), count + " elements (expected: at most " + rules.getMaxItems() + ")");
        }
        if (rules.getUnique() && new HashSet<>((List<?>) message.getField(field)).size() < count) {
            report.broken(inside(field), "the same twice (expected: different ones)");
        }
        if (rules.hasItems()) {
            for (int i = 0; i < count; i++) {
                value(message.getRepeatedField(field, i), rules.getItems(), at.at(field.getName(), i, 0));
            }
        }
    }

    private void value(Object value, Validate.FieldRules rules, Place where) {
        String broken = switch (rules.getTypeCase()) {
            case STRING -> text(String.valueOf(plain(value)), rules.getString());
            case BYTES ->
                plain(value) instanceof ByteString bytes
                                && bytes.size() < rules.getBytes().getMinLen()
                        ? bytes.size() + " bytes (expected: at least "
                                + rules.getBytes().getMinLen() + ")"
                        : null;
            case ENUM -> constant(value, rules.getEnum());
            case DURATION -> value instanceof Message message ? duration(message, rules.getDuration()) : null;
            case FLOAT -> number(plain(value), rules.getFloat());
            case DOUBLE -> number(plain(value), rules.getDouble());
            case INT32 -> number(plain(value), rules.getInt32());
            case INT64 -> number(plain(value), rules.getInt64());
            case UINT32 ->
                number(
                        plain(value) instanceof Integer i ? (Object) Integer.toUnsignedLong(i) : value,
                        rules.getUint32());
            case UINT64 -> number(plain(value), rules.getUint64());
            case BOOL ->
                rules.getBool().hasConst()
                                && !plain(value).equals(rules.getBool().getConst())
                        ? plain(value) + " (expected: " + rules.getBool().getConst() + ")"
                        : null;
            case SINT32, SINT64, FIXED32, FIXED64, SFIXED32, SFIXED64, REPEATED, MAP, ANY, TIMESTAMP, TYPE_NOT_SET ->
                null;
        };
        if (broken != null) {
            report.broken(where, broken);
        }
    }

    /** What a wrapper holds. */
    private static Object plain(Object value) {
        return value instanceof Message wrapper
                        && wrapper.getDescriptorForType().getFile().getName().equals("google/protobuf/wrappers.proto")
                ? wrapper.getField(wrapper.getDescriptorForType().findFieldByNumber(1))
                : value;
    }

    private static @Nullable String text(String value, Validate.StringRules rules) {
        if (rules.getIgnoreEmpty() && value.isEmpty()) {
            return null;
        }
        int length = value.codePointCount(0, value.length());
        int bytes = value.getBytes(StandardCharsets.UTF_8).length;
        if (length < rules.getMinLen() || bytes < rules.getMinBytes()) {
            return value.isEmpty() ? "missing (expected: text)" : "'" + value + "' (expected: longer)";
        }
        if ((rules.hasMaxLen() && length > rules.getMaxLen()) || (rules.hasMaxBytes() && bytes > rules.getMaxBytes())) {
            return length + " characters (expected: at most "
                    + (rules.hasMaxLen() ? rules.getMaxLen() : rules.getMaxBytes()) + ")";
        }
        if (rules.getInCount() > 0 && !rules.getInList().contains(value)) {
            return "'" + value + "' (expected: one of " + rules.getInList() + ")";
        }
        if (rules.getNotInList().contains(value)) {
            return "'" + value + "' (expected: something else)";
        }
        if (rules.hasPrefix() && !value.startsWith(rules.getPrefix())) {
            return "'" + value + "' (expected: " + rules.getPrefix() + "…)";
        }
        if (rules.hasPattern()
                && !Pattern.compile(rules.getPattern()).matcher(value).find()) {
            return "'" + value + "' (expected: " + rules.getPattern() + ")";
        }
        if (rules.hasWellKnownRegex() && value.chars().anyMatch(c -> c == 0 || c == '\n' || c == '\r')) {
            return "a line feed or a zero byte (expected: a header's text)";
        }
        return null;
    }

    private static @Nullable String constant(Object value, Validate.EnumRules rules) {
        if (!(value instanceof EnumValueDescriptor constant)) {
            return null;
        }
        if ((rules.getDefinedOnly() && constant.getIndex() < 0)
                || rules.getNotInList().contains(constant.getNumber())
                || (rules.getInCount() > 0 && !rules.getInList().contains(constant.getNumber()))) {
            return constant.getName() + " (expected: another value)";
        }
        return null;
    }

    private static @Nullable String duration(Message message, Validate.DurationRules rules) {
        Duration value;
        try {
            value = Duration.parseFrom(message.toByteString());
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError("the rule stands at durations only", e);
        }
        if (rules.hasGt() && compare(value, rules.getGt()) <= 0) {
            return text(value) + " (expected: more than " + text(rules.getGt()) + ")";
        }
        if (rules.hasGte() && compare(value, rules.getGte()) < 0) {
            return text(value) + " (expected: at least " + text(rules.getGte()) + ")";
        }
        if (rules.hasLt() && compare(value, rules.getLt()) >= 0) {
            return text(value) + " (expected: less than " + text(rules.getLt()) + ")";
        }
        if (rules.hasLte() && compare(value, rules.getLte()) > 0) {
            return text(value) + " (expected: at most " + text(rules.getLte()) + ")";
        }
        return null;
    }

    private static String text(Duration duration) {
        return BigDecimal.valueOf(duration.getSeconds())
                        .add(BigDecimal.valueOf(duration.getNanos(), 9))
                        .stripTrailingZeros()
                        .toPlainString()
                + "s";
    }

    private static int compare(Duration a, Duration b) {
        int seconds = Long.compare(a.getSeconds(), b.getSeconds());
        return seconds != 0 ? seconds : Integer.compare(a.getNanos(), b.getNanos());
    }

    /** All number rules have the same fields. */
    private static @Nullable String number(Object value, Message rules) {
        if (!(value instanceof Number number)) {
            return null;
        }
        double is = number.doubleValue();
        for (var rule : rules.getAllFields().entrySet()) {
            String broken = rule.getValue() instanceof Number bound
                    ? bound(rule.getKey().getName(), is, bound.doubleValue())
                    : null;
            if (broken != null) {
                return number + " (expected: " + broken + " " + rule.getValue() + ")";
            }
        }
        return null;
    }

    private static @Nullable String bound(String rule, double is, double bound) {
        return switch (rule) {
            case "const" -> is == bound ? null : "exactly";
            case "gt" -> is > bound ? null : "more than";
            case "gte" -> is >= bound ? null : "at least";
            case "lt" -> is < bound ? null : "less than";
            case "lte" -> is <= bound ? null : "at most";
            default -> null;
        };
    }
}
