package lateen.control.source;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads the fields of one map by name and type. What was never asked for is unknown, and {@link #end} says so. A field
 * without a value counts as absent, as in Kubernetes. After a reported problem the default is returned, so that reading
 * goes on; the object has failed by then.
 */
final class FieldReader {

    /** More than anybody waits, and what protobuf's Duration still holds. */
    private static final Duration LONGEST = Duration.ofDays(365);

    private final YamlNode.Fields map;
    private final String path;
    private final Problems problems;
    private final Set<String> known = new LinkedHashSet<>();

    FieldReader(YamlNode.Fields map, String path, Problems problems) {
        this.map = map;
        this.path = path;
        this.problems = problems;
    }

    Origin origin() {
        return map.origin();
    }

    Problems problems() {
        return problems;
    }

    /** Where the field stands, or where the map starts when it is absent. */
    Origin origin(String name) {
        YamlNode.Entry entry = map.entries().get(name);
        return entry == null ? map.origin() : entry.key();
    }

    /** Of this map. */
    String path() {
        return path;
    }

    String path(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    /** Names of the fields that are there, for maps whose keys are data. */
    Set<String> names() {
        return map.entries().keySet();
    }

    boolean has(String name) {
        return value(name) != null;
    }

    @Nullable
    String text(String name, TextRule rule) {
        known.add(name);
        YamlNode node = value(name);
        return node == null ? null : text(node, path(name), rule);
    }

    String text(String name, TextRule rule, String absent) {
        String text = text(name, rule);
        return text == null ? absent : text;
    }

    String required(String name, TextRule rule) {
        String text = text(name, rule);
        if (text == null) {
            if (!has(name)) {
                missing(name, rule.expected());
            }
            return "";
        }
        return text;
    }

    int integer(String name, int least, int most, int absent) {
        known.add(name);
        YamlNode node = value(name);
        return node == null ? absent : integer(node, path(name), least, most, absent);
    }

    /** An absent number is null. */
    @Nullable
    Integer integerOrNull(String name, int least, int most) {
        return has(name) ? Integer.valueOf(integer(name, least, most, least)) : absentNumber(name);
    }

    private @Nullable Integer absentNumber(String name) {
        known.add(name);
        return null;
    }

    /** Go's notation, as in {@code 1m30s}, less than a year; null: absent. */
    @Nullable
    Duration durationOrNull(String name, Duration least) {
        String text = text(name, TextRule.NOT_EMPTY);
        if (text == null) {
            return null;
        }
        Duration value = DurationText.parse(text);
        if (value == null || value.compareTo(least) < 0 || value.compareTo(LONGEST) >= 0) {
            String expected = "(expected: a time as in 5s, 1m30s, 200ms, at least " + DurationText.of(least) + ")";
            problems.error(origin(name), path(name), '"' + text + "\" " + expected);
            return null;
        }
        return value;
    }

    boolean flag(String name, boolean absent) {
        known.add(name);
        YamlNode node = value(name);
        if (node == null) {
            return absent;
        }
        if (node instanceof YamlNode.Scalar scalar && scalar.isBoolean()) {
            return Boolean.parseBoolean(scalar.value());
        }
        wrong(node, path(name), "true or false");
        return absent;
    }

    <E extends Enum<E>> E choice(String name, Class<E> type, E absent) {
        List<String> names = new ArrayList<>();
        for (E constant : type.getEnumConstants()) {
            names.add(constant.name());
        }
        String text = text(name, new TextRule(String.join(", ", names), names::contains));
        return text == null ? absent : Enum.valueOf(type, text);
    }

    List<String> texts(String name, TextRule rule) {
        return items(name, (node, at) -> text(node, at, rule));
    }

    List<Integer> integers(String name, int least, int most) {
        return items(name, (node, at) -> integer(node, at, least, most, least));
    }

    <T> List<T> list(String name, Function<FieldReader, @Nullable T> item) {
        return items(name, (node, at) -> {
            if (node instanceof YamlNode.Fields fields) {
                return item.apply(new FieldReader(fields, at, problems));
            }
            wrong(node, at, "a map");
            return null;
        });
    }

    Map<String, String> textMap(String name) {
        return textMap(name, TextRule.ANY);
    }

    Map<String, String> textMap(String name, TextRule rule) {
        Map<String, String> out = new LinkedHashMap<>();
        forEach(name, (key, node) -> {
            String text = text(node, path(name) + "." + key, rule);
            if (text != null) {
                out.put(key, text);
            }
        });
        return out;
    }

    Map<String, Integer> integerMap(String name, int least, int most) {
        Map<String, Integer> out = new LinkedHashMap<>();
        forEach(name, (key, node) -> out.put(key, integer(node, path(name) + "." + key, least, most, least)));
        return out;
    }

    /** A map whose values are maps; the key is handed over with each. */
    <T> Map<String, T> children(String name, Function<FieldReader, @Nullable T> item) {
        Map<String, T> out = new LinkedHashMap<>();
        forEach(name, (key, node) -> {
            String at = path(name) + "." + key;
            if (node instanceof YamlNode.Fields fields) {
                T value = item.apply(new FieldReader(fields, at, problems));
                if (value != null) {
                    out.put(key, value);
                }
            } else {
                wrong(node, at, "a map");
            }
        });
        return out;
    }

    /** The map under a name, or null when it is absent. */
    @Nullable
    FieldReader child(String name) {
        known.add(name);
        YamlNode node = value(name);
        if (node == null) {
            return null;
        }
        if (node instanceof YamlNode.Fields fields) {
            return new FieldReader(fields, path(name), problems);
        }
        wrong(node, path(name), "a map");
        return null;
    }

    /** The map under a name, or one without fields. */
    FieldReader childOrEmpty(String name) {
        FieldReader child = child(name);
        return child != null
                ? child
                : new FieldReader(new YamlNode.Fields(origin(name), new LinkedHashMap<>()), path(name), problems);
    }

    /** The raw node, for a field of more than one type. */
    @Nullable
    YamlNode node(String name) {
        known.add(name);
        return value(name);
    }

    /** What an API server fills in and nobody configures. */
    void serverFilled(String... names) {
        known.addAll(List.of(names));
    }

    /** Taken, without effect here yet: said when it is there, whatever it holds. */
    void ignored(String... names) {
        for (String name : names) {
            known.add(name);
            if (has(name)) {
                problems.warn(origin(name), path(name), "has no effect yet");
            }
        }
    }

    /** Known to Istio or Kubernetes, not done here: refused with its path when it is there. */
    void unsupported(String... names) {
        for (String name : names) {
            if (has(name)) {
                known.add(name);
                problems.error(origin(name), path(name), "is not supported yet (expected: leave it out)");
            }
        }
    }

    void wrong(YamlNode node, String at, String expected) {
        problems.error(node.origin(), at, node.described() + " (expected: " + expected + ")");
    }

    void missing(String name, String expected) {
        problems.error(map.origin(), path(name), "is missing (expected: " + expected + ")");
    }

    /** Reports every field that was not asked for. Call it last. */
    void end() {
        map.entries().forEach((name, entry) -> {
            if (!known.contains(name)) {
                problems.error(
                        entry.key(),
                        path(name),
                        "unknown field (expected: " + (known.isEmpty() ? "none" : String.join(", ", known)) + ")");
            }
        });
    }

    private <T> List<T> items(String name, BiFunction<YamlNode, String, @Nullable T> item) {
        known.add(name);
        YamlNode node = value(name);
        List<T> out = new ArrayList<>();
        if (node instanceof YamlNode.Items items) {
            for (int i = 0; i < items.items().size(); i++) {
                T value = item.apply(items.items().get(i), path(name) + "[" + i + "]");
                if (value != null) {
                    out.add(value);
                }
            }
        } else if (node != null) {
            wrong(node, path(name), "a list");
        }
        return out;
    }

    private void forEach(String name, BiConsumer<String, YamlNode> action) {
        known.add(name);
        YamlNode node = value(name);
        if (node instanceof YamlNode.Fields fields) {
            fields.entries().forEach((key, entry) -> action.accept(key, entry.value()));
        } else if (node != null) {
            wrong(node, path(name), "a map");
        }
    }

    private @Nullable String text(YamlNode node, String at, TextRule rule) {
        if (!(node instanceof YamlNode.Scalar scalar)) {
            wrong(node, at, rule.expected());
            return null;
        }
        if (!scalar.isString()) {
            wrong(node, at, rule.expected() + "; quote it to make it text");
            return null;
        }
        if (!rule.holds().test(scalar.value())) {
            wrong(node, at, rule.expected());
            return null;
        }
        return scalar.value();
    }

    private int integer(YamlNode node, String at, int least, int most, int absent) {
        if (node instanceof YamlNode.Scalar scalar && scalar.isNumber()) {
            try {
                int value = Integer.parseInt(scalar.value());
                if (value >= least && value <= most) {
                    return value;
                }
            } catch (NumberFormatException e) {
                // Falls through to the same message: the text is in it.
            }
        }
        wrong(node, at, "a number, " + least + ".." + most);
        return absent;
    }

    private @Nullable YamlNode value(String name) {
        YamlNode.Entry entry = map.entries().get(name);
        return entry == null || (entry.value() instanceof YamlNode.Scalar s && s.isNull()) ? null : entry.value();
    }
}
