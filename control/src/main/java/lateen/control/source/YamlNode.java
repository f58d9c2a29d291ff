package lateen.control.source;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.regex.Pattern;

/** A YAML value with its place in the file. Immutable. */
sealed interface YamlNode {

    Origin origin();

    /** How it is named in a message. */
    String described();

    /** Whether it is a scalar without a value, which counts as absent. */
    default boolean isNothing() {
        return this instanceof Scalar scalar && scalar.isNull();
    }

    /**
     * @param plain written without quotes, so that it may mean a number, a boolean or nothing
     */
    record Scalar(Origin origin, String value, boolean plain) implements YamlNode {

        private static final Pattern NUMBER =
                Pattern.compile("[-+]?(0|[0-9]+|0x[0-9a-fA-F]+|0o[0-7]+|[0-9]*\\.?[0-9]+([eE][-+]?[0-9]+)?)"
                        + "|[-+]?\\.(inf|Inf|INF)|\\.(nan|NaN|NAN)");
        private static final Pattern BOOLEAN = Pattern.compile("true|True|TRUE|false|False|FALSE");

        /** YAML 1.2 core schema, 10.3.2. */
        boolean isNull() {
            return plain
                    && (value.isEmpty()
                            || value.equals("~")
                            || value.equals("null")
                            || value.equals("Null")
                            || value.equals("NULL"));
        }

        boolean isNumber() {
            return plain && NUMBER.matcher(value).matches();
        }

        boolean isBoolean() {
            return plain && BOOLEAN.matcher(value).matches();
        }

        boolean isString() {
            return !isNull() && !isNumber() && !isBoolean();
        }

        @Override
        public String described() {
            return isString() ? '"' + value + '"' : isNull() ? "nothing" : value;
        }
    }

    record Items(Origin origin, List<YamlNode> items) implements YamlNode {
        public Items {
            items = List.copyOf(items);
        }

        @Override
        public String described() {
            return "a list";
        }
    }

    record Fields(Origin origin, SequencedMap<String, Entry> entries) implements YamlNode {
        public Fields {
            entries = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(entries));
        }

        @Override
        public String described() {
            return "a map";
        }
    }

    /**
     * @param key where the key stands; a nested value may start lines later
     */
    record Entry(Origin key, YamlNode value) {}
}
