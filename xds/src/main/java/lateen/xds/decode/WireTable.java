package lateen.xds.decode;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code supported-fields.wire}: the same as {@code supported-fields.txt} in numbers instead of names, so that no
 * descriptor is needed to check a resource. Made from the descriptors by {@code WireTableTest}, never by hand.
 */
final class WireTable {

    private static final Map<String, Fields> MESSAGES = load();

    /**
     * What one field may look like on the wire.
     *
     * @param repeated a list of numbers, which may come packed
     * @param only for {@link Kind#ONLY} and {@link Kind#ONLY_INSIDE}, the one number supported
     * @param type full name of the message, or of a map's values; null when nothing in it has to be looked at
     * @param parked the free field number under which the parser sees this field; 0: its own
     */
    record Field(Kind kind, boolean repeated, long only, @Nullable String type, int parked) {}

    enum Kind {
        VARINT('v'),
        FIXED32('f'),
        FIXED64('d'),
        BYTES('l'),
        /** Bytes whose UTF-8 is checked, where no parser does it later. */
        TEXT('s'),
        ONLY('='),
        /** A wrapper or a duration: nothing but field 1, and that is the one number supported. */
        ONLY_INSIDE('{'),
        MESSAGE('>'),
        /** With text as keys. */
        MAP('m');

        final char sign;

        Kind(char sign) {
            this.sign = sign;
        }

        static Kind of(char sign) {
            for (Kind kind : values()) {
                if (kind.sign == sign) {
                    return kind;
                }
            }
            throw new IllegalStateException("supported-fields.wire: '" + sign + "' (expected: a kind of field)");
        }
    }

    /** The fields of one message by number, and the numbers that parked fields take. */
    static final class Fields {
        private final @Nullable Field[] byNumber;

        Fields(Map<Integer, Field> fields) {
            byNumber = new Field
                    [1 + fields.keySet().stream().mapToInt(Integer::intValue).max().orElse(0)];
            fields.forEach((number, field) -> byNumber[number] = field);
        }

        @Nullable Field field(int number) {
            return number < byNumber.length ? byNumber[number] : null;
        }

        boolean parks(int number) {
            for (Field field : byNumber) {
                if (field != null && field.parked() == number) {
                    return true;
                }
            }
            return false;
        }
    }

    private WireTable() {}

    /** Null: no such message in the table. */
    static @Nullable Fields message(String fullName) {
        return MESSAGES.get(fullName);
    }

    /** Under which number a parsed message has that field, see {@link Parked}. */
    static int parked(String fullName, int number) {
        Fields fields = MESSAGES.get(fullName);
        Field field = fields == null ? null : fields.field(number);
        if (field == null || field.parked() == 0) {
            throw new IllegalStateException("field " + number + " of " + fullName + " is not parked");
        }
        return field.parked();
    }

    static List<String> lines() {
        InputStream in = WireTable.class.getResourceAsStream("supported-fields.wire");
        if (in == null) {
            throw new IllegalStateException("supported-fields.wire is not on the class path beside the decoder");
        }
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            List<String> lines = new ArrayList<>();
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (!line.startsWith("#")) {
                    lines.add(line);
                }
            }
            return lines;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, Fields> load() {
        Map<String, Fields> messages = new HashMap<>();
        for (String line : lines()) {
            int colon = line.indexOf(':');
            Map<Integer, Field> fields = new HashMap<>();
            for (String word : line.substring(colon + 1).strip().split(" ")) {
                if (!word.isEmpty()) {
                    int digits = digits(word);
                    fields.put(Integer.parseInt(word.substring(0, digits)), field(word.substring(digits)));
                }
            }
            messages.put(line.substring(0, colon), new Fields(fields));
        }
        return Map.copyOf(messages);
    }

    private static int digits(String word) {
        int end = 0;
        while (Character.isDigit(word.charAt(end))) {
            end++;
        }
        return end;
    }

    /** A kind's sign, then a number or a type, then {@code @} and where it is parked. */
    private static Field field(String word) {
        Kind kind = Kind.of(word.charAt(0));
        int at = word.indexOf('@');
        int parked = at < 0 ? 0 : Integer.parseInt(word.substring(at + 1));
        String rest = word.substring(1, at < 0 ? word.length() : at);
        return switch (kind) {
            case ONLY, ONLY_INSIDE -> new Field(kind, false, Long.parseLong(rest), null, parked);
            case MESSAGE, MAP -> new Field(kind, false, 0, rest.isEmpty() ? null : rest, parked);
            case VARINT, FIXED32, FIXED64, BYTES, TEXT -> new Field(kind, rest.equals("+"), 0, null, parked);
        };
    }
}
