package lateen.xds.text;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Duration;
import com.google.protobuf.FieldMask;
import com.google.protobuf.Message;
import com.google.protobuf.NullValue;
import com.google.protobuf.Timestamp;
import com.google.protobuf.Value;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Single values in protobuf's JSON form. */
final class Scalars {

    private static final Pattern INTEGER = Pattern.compile("[-+]?[0-9]{1,20}");
    private static final Pattern HEX = Pattern.compile("0x[0-9a-fA-F]{1,16}");
    private static final Pattern OCTAL = Pattern.compile("0o[0-7]{1,21}");
    private static final Pattern DURATION = Pattern.compile("(-?)([0-9]{1,12})(?:\\.([0-9]{1,9}))?s");
    private static final double EXACT = 9_007_199_254_740_992.0;

    private Scalars() {}

    /** A value for that field; null: it is none. */
    static @Nullable Object read(Tree.Scalar scalar, FieldDescriptor field) {
        return switch (field.getJavaType()) {
            case BOOLEAN -> scalar.isTrue() ? (Object) true : scalar.isFalse() ? false : null;
            case STRING -> isText(scalar) ? scalar.value() : null;
            case BYTE_STRING -> bytes(scalar.value());
            case ENUM -> constant(scalar, field);
            case INT -> {
                boolean unsigned = isUnsigned(field);
                BigInteger value = integer(scalar);
                yield value == null || !fits(value, 32, unsigned) ? null : (Object) value.intValue();
            }
            case LONG -> {
                BigInteger value = integer(scalar);
                yield value == null || !fits(value, 64, isUnsigned(field)) ? null : (Object) value.longValue();
            }
            case FLOAT -> {
                Double value = real(scalar);
                yield value == null ? null : (Object) value.floatValue();
            }
            case DOUBLE -> real(scalar);
            case MESSAGE -> null;
        };
    }

    static String expected(FieldDescriptor field) {
        return switch (field.getJavaType()) {
            case BOOLEAN -> "true or false";
            case STRING -> "text; in quotes where it looks like a boolean or an integer";
            case BYTE_STRING -> "base64";
            case ENUM ->
                field.getEnumType().getValues().stream()
                        .map(EnumValueDescriptor::getName)
                        .collect(Collectors.joining(", "));
            case INT -> isUnsigned(field) ? "0..4294967295" : "a 32-bit integer";
            case LONG -> isUnsigned(field) ? "a 64-bit integer from 0" : "a 64-bit integer";
            case FLOAT, DOUBLE -> "a number";
            case MESSAGE -> expected(field.getMessageType());
        };
    }

    static String expected(Descriptor type) {
        return switch (type.getFullName()) {
            case "google.protobuf.Duration" -> "seconds with an s, such as 0.25s";
            case "google.protobuf.Timestamp" -> "a time such as 2026-01-01T00:00:00Z";
            default -> "text";
        };
    }

    /** As Envoy has it: a plain 1.5 is text, a plain 15 is not. */
    private static boolean isText(Tree.Scalar scalar) {
        return scalar.quoted()
                || !(scalar.isTrue()
                        || scalar.isFalse()
                        || INTEGER.matcher(scalar.value()).matches()
                        || HEX.matcher(scalar.value()).matches());
    }

    private static boolean isUnsigned(FieldDescriptor field) {
        return switch (field.getType()) {
            case UINT32, FIXED32, UINT64, FIXED64 -> true;
            default -> false;
        };
    }

    private static boolean fits(BigInteger value, int bits, boolean unsigned) {
        return unsigned ? value.signum() >= 0 && value.bitLength() <= bits : value.bitLength() < bits;
    }

    private static @Nullable BigInteger integer(Tree.Scalar scalar) {
        String text = scalar.value();
        if (INTEGER.matcher(text).matches()) {
            return new BigInteger(text.startsWith("+") ? text.substring(1) : text);
        }
        if (!scalar.quoted() && HEX.matcher(text).matches()) {
            return new BigInteger(text.substring(2), 16);
        }
        if (!scalar.quoted() && OCTAL.matcher(text).matches()) {
            return new BigInteger(text.substring(2), 8);
        }
        Double real = real(scalar);
        return real == null || real != Math.rint(real) || Math.abs(real) > EXACT
                ? null
                : BigInteger.valueOf(real.longValue());
    }

    private static @Nullable Double real(Tree.Scalar scalar) {
        if (!new Tree.Scalar(0, scalar.value(), false).isNumber()
                || scalar.value().length() > 64) {
            return null;
        }
        try {
            double value = Double.parseDouble(scalar.value());
            return Double.isInfinite(value) ? null : value;
        } catch (NumberFormatException hexOrOctal) {
            return null;
        }
    }

    private static @Nullable ByteString bytes(String text) {
        try {
            return ByteString.copyFrom(
                    Base64.getDecoder().decode(text.replace('-', '+').replace('_', '/')));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static @Nullable Object constant(Tree.Scalar scalar, FieldDescriptor field) {
        EnumValueDescriptor named = field.getEnumType().findValueByName(scalar.value());
        if (named != null || scalar.quoted()) {
            return named;
        }
        BigInteger number = integer(scalar);
        return number == null || !fits(number, 32, false)
                ? null
                : field.getEnumType().findValueByNumber(number.intValue());
    }

    /** Duration, timestamp, field mask; null: it is none. */
    static @Nullable Message wellKnown(Tree.Scalar scalar, Descriptor type) {
        return switch (type.getFullName()) {
            case "google.protobuf.Duration" -> {
                Matcher parts = DURATION.matcher(scalar.value());
                if (!parts.matches()) {
                    yield null;
                }
                int sign = parts.group(1).isEmpty() ? 1 : -1;
                String fraction = parts.group(3) == null ? "" : parts.group(3);
                yield Duration.newBuilder()
                        .setSeconds(sign * Long.parseLong(parts.group(2)))
                        .setNanos(sign * Integer.parseInt(fraction + "0".repeat(9 - fraction.length())))
                        .build();
            }
            case "google.protobuf.Timestamp" -> {
                try {
                    Instant instant = Instant.parse(scalar.value());
                    yield Timestamp.newBuilder()
                            .setSeconds(instant.getEpochSecond())
                            .setNanos(instant.getNano())
                            .build();
                } catch (DateTimeException e) {
                    yield null;
                }
            }
            case "google.protobuf.FieldMask" ->
                FieldMask.newBuilder()
                        .addAllPaths(
                                List.of(scalar.value().toLowerCase(Locale.ROOT).split(",")))
                        .build();
            default -> null;
        };
    }

    /** Any value. */
    static void value(Tree.Scalar scalar, Value.Builder into) {
        Double number = scalar.isNumber() ? real(scalar) : null;
        if (scalar.isNull()) {
            into.setNullValue(NullValue.NULL_VALUE);
        } else if (number != null) {
            into.setNumberValue(number);
        } else if (scalar.isTrue() || scalar.isFalse()) {
            into.setBoolValue(scalar.isTrue());
        } else {
            into.setStringValue(scalar.value());
        }
    }
}
