package lateen.xds.decode;

import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The table of {@code supported-fields.txt}, and the walk that compares a message with it by descriptors. That is costly
 * and happens only after {@link WireWalk} found something: to be sure, and to say it with names and values.
 */
final class SupportedFields {

    private static final Map<String, Map<String, Rule>> MESSAGES = load();

    sealed interface Rule {
        record Read() implements Rule {}

        record Any() implements Rule {}

        record Only(String value) implements Rule {}
    }

    private SupportedFields() {}

    /** Refuses the first field that is set and not in the table, in this message or one inside. */
    static void check(Message message, FieldPath path) {
        Map<String, Rule> rules = MESSAGES.get(message.getDescriptorForType().getFullName());
        if (rules == null) {
            throw path.because(
                    "unsupported message '" + message.getDescriptorForType().getFullName() + "'");
        }
        if (!message.getUnknownFields().asMap().isEmpty()) {
            throw path.because("unknown field number "
                    + message.getUnknownFields().asMap().keySet().iterator().next() + " of "
                    + message.getDescriptorForType().getFullName() + " (newer than this version of Lateen)");
        }
        message.getAllFields().forEach((field, value) -> check(rules, field, value, path));
    }

    private static void check(Map<String, Rule> rules, FieldDescriptor field, Object value, FieldPath path) {
        FieldPath at = path.at(field.getName());
        switch (rules.get(field.getName())) {
            case null ->
                throw at.because("unsupported field, set to '" + text(value) + "' (supported: "
                        + String.join(", ", new TreeSet<>(rules.keySet())) + ")");
            case Rule.Any() -> {}
            case Rule.Only(String only) -> {
                if (!text(value).equals(only)) {
                    throw at.refuse(text(value), only + ", the only value supported");
                }
            }
            case Rule.Read() -> descend(field, value, path);
        }
    }

    private static void descend(FieldDescriptor field, Object value, FieldPath path) {
        if (field.getJavaType() != FieldDescriptor.JavaType.MESSAGE || isWellKnown(field)) {
            return;
        }
        if (field.isMapField()) {
            checkMap(field, (List<?>) value, path);
        } else if (field.isRepeated()) {
            List<?> elements = (List<?>) value;
            for (int i = 0; i < elements.size(); i++) {
                check((Message) elements.get(i), path.at(field.getName(), i));
            }
        } else {
            check((Message) value, path.at(field.getName()));
        }
    }

    private static void checkMap(FieldDescriptor field, List<?> entries, FieldPath path) {
        FieldDescriptor key = field.getMessageType().findFieldByName("key");
        FieldDescriptor value = field.getMessageType().findFieldByName("value");
        if (value.getJavaType() != FieldDescriptor.JavaType.MESSAGE || isWellKnown(value)) {
            return;
        }
        for (Object each : entries) {
            Message entry = (Message) each;
            check((Message) entry.getField(value), path.at(field.getName() + "[" + entry.getField(key) + "]"));
        }
    }

    /** Wrappers, durations and Any; what is inside an Any is checked where it is opened. */
    private static boolean isWellKnown(FieldDescriptor field) {
        return field.getMessageType().getFile().getPackage().equals("google.protobuf");
    }

    private static String text(Object value) {
        return switch (value) {
            case EnumValueDescriptor constant -> constant.getName();
            case com.google.protobuf.Duration duration ->
                duration.getNanos() == 0
                        ? duration.getSeconds() + "s"
                        : duration.getSeconds() + "s " + duration.getNanos() + "ns";
            case Message message
            when isWrapper(message) ->
                String.valueOf(message.getField(message.getDescriptorForType().findFieldByName("value")));
            case Message message -> message.getDescriptorForType().getName();
            case List<?> list -> list.size() + " elements";
            default -> String.valueOf(value);
        };
    }

    private static boolean isWrapper(Message message) {
        return message.getDescriptorForType().getFile().getName().equals("google/protobuf/wrappers.proto");
    }

    /** Full message names with their fields; for the tests that compare the table with the descriptors. */
    static Map<String, List<String>> table() {
        Map<String, List<String>> names = new HashMap<>();
        MESSAGES.forEach((message, rules) -> names.put(message, List.copyOf(rules.keySet())));
        return names;
    }

    static Map<String, Map<String, Rule>> rules() {
        return MESSAGES;
    }

    private static Map<String, Map<String, Rule>> load() {
        Map<String, Map<String, Rule>> messages = new HashMap<>();
        InputStream in = SupportedFields.class.getResourceAsStream("supported-fields.txt");
        if (in == null) {
            throw new IllegalStateException("supported-fields.txt is not on the class path beside the decoder");
        }
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                addLine(line.strip(), messages);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return messages;
    }

    private static void addLine(@Nullable String line, Map<String, Map<String, Rule>> messages) {
        if (line == null || line.isEmpty() || line.startsWith("#")) {
            return;
        }
        int colon = line.indexOf(':');
        Map<String, Rule> rules = new HashMap<>();
        for (String word : line.substring(colon + 1).strip().split(" +")) {
            int equals = word.indexOf('=');
            if (word.startsWith("~")) {
                rules.put(word.substring(1), new Rule.Any());
            } else if (equals > 0) {
                rules.put(word.substring(0, equals), new Rule.Only(word.substring(equals + 1)));
            } else if (!word.isEmpty()) {
                rules.put(word, new Rule.Read());
            }
        }
        messages.put(line.substring(0, colon), Map.copyOf(rules));
    }
}
