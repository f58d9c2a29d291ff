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
     * @param name as in the proto, where paths lead through the field or the field is set aside; else empty
     * @param repeated a list; of numbers, it may come packed
     * @param only for {@link Kind#ONLY} and {@link Kind#ONLY_INSIDE}, the one number supported
     * @param type full name of the message, or of a map's values; else empty
     * @param aside whether it is taken out before the message is parsed, see {@link Aside}
     */
    record Field(Kind kind, String name, boolean repeated, long only, String type, boolean aside) {}

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

    /** The fields of one message by number. */
    static final class Fields {
        private final @Nullable Field[] byNumber;

        Fields(Map<Integer, Field> fields) {
            byNumber = new Field
                    [1
                            + fields.keySet().stream()
                                    .mapToInt(Integer::intValue)
                                    .max()
                                    .orElse(0)];
            fields.forEach((number, field) -> byNumber[number] = field);
        }

        @Nullable
        Field field(int number) {
            return number < byNumber.length ? byNumber[number] : null;
        }
    }

    private WireTable() {}

    /** Null: no such message in the table. */
    static @Nullable Fields message(String fullName) {
        return MESSAGES.get(fullName);
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

    /** A kind's sign, a number or a type, {@code @} and the name, {@code +} for a list, {@code !} for set aside. */
    private static Field field(String word) {
        Kind kind = Kind.of(word.charAt(0));
        boolean aside = word.endsWith("!");
        boolean repeated = word.endsWith("+");
        String plain = aside || repeated ? word.substring(1, word.length() - 1) : word.substring(1);
        int at = plain.indexOf('@');
        String name = at < 0 ? "" : plain.substring(at + 1);
        String rest = at < 0 ? plain : plain.substring(0, at);
        return switch (kind) {
            case ONLY, ONLY_INSIDE -> new Field(kind, name, repeated, Long.parseLong(rest), "", aside);
            case MESSAGE, MAP, VARINT, FIXED32, FIXED64, BYTES, TEXT -> new Field(kind, name, repeated, 0, rest, aside);
        };
    }
}
