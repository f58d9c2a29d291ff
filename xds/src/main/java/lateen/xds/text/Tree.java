package lateen.xds.text;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.regex.Pattern;

/** A value of a YAML or JSON text with its line (0: not known). Immutable. */
sealed interface Tree {

    int line();

    /** How it is named in a message. */
    String described();

    /**
     * @param quoted text whatever it looks like; else it may mean a number, a boolean or nothing
     */
    record Scalar(int line, String value, boolean quoted) implements Tree {

        private static final Pattern NUMBER =
                Pattern.compile("[-+]?([0-9]+|0x[0-9a-fA-F]+|0o[0-7]+|([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]+)?)");
        /** As yaml-cpp reads them, which is what Envoy does. */
        private static final Pattern TRUE = Pattern.compile("y|Y|yes|Yes|YES|true|True|TRUE|on|On|ON");

        private static final Pattern FALSE = Pattern.compile("n|N|no|No|NO|false|False|FALSE|off|Off|OFF");

        /** YAML 1.2 core schema, 10.3.2. */
        boolean isNull() {
            return !quoted
                    && (value.isEmpty()
                            || value.equals("~")
                            || value.equals("null")
                            || value.equals("Null")
                            || value.equals("NULL"));
        }

        boolean isTrue() {
            return !quoted && TRUE.matcher(value).matches();
        }

        boolean isFalse() {
            return !quoted && FALSE.matcher(value).matches();
        }

        boolean isNumber() {
            return !quoted && NUMBER.matcher(value).matches();
        }

        @Override
        public String described() {
            if (isNull()) {
                return "nothing";
            }
            return "'" + (value.length() <= 200 ? value : value.substring(0, 200) + "…") + "'";
        }
    }

    record Items(int line, List<Tree> items) implements Tree {
        public Items {
            items = List.copyOf(items);
        }

        @Override
        public String described() {
            return "a list";
        }
    }

    record Fields(int line, SequencedMap<String, Entry> entries) implements Tree {
        public Fields {
            entries = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(entries));
        }

        @Override
        public String described() {
            return "a map";
        }
    }

    /** @param line of the key; the value may start later */
    record Entry(int line, Tree value) {}

    default boolean isNothing() {
        return this instanceof Scalar scalar && scalar.isNull();
    }
}
