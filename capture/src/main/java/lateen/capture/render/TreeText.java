package lateen.capture.render;

import java.util.List;
import java.util.Map;

/** Maps, lists, texts, numbers and truth values as JSON (RFC 8259) or as YAML 1.2 in its JSON-compatible scalars. */
public final class TreeText {
    private TreeText() {}

    /** Indented JSON. */
    public static String json(Object tree) {
        StringBuilder text = new StringBuilder();
        json(tree, "", text);
        return text.append('\n').toString();
    }

    private static void json(Object tree, String indent, StringBuilder text) {
        String inner = indent + "  ";
        switch (tree) {
            case Map<?, ?> map -> {
                text.append('{');
                String separator = "\n";
                for (var entry : map.entrySet()) {
                    text.append(separator)
                            .append(inner)
                            .append(quoted(String.valueOf(entry.getKey())))
                            .append(": ");
                    json(entry.getValue(), inner, text);
                    separator = ",\n";
                }
                text.append(map.isEmpty() ? "}" : "\n" + indent + "}");
            }
            case List<?> list -> {
                text.append('[');
                String separator = "\n";
                for (Object element : list) {
                    text.append(separator).append(inner);
                    json(element, inner, text);
                    separator = ",\n";
                }
                text.append(list.isEmpty() ? "]" : "\n" + indent + "]");
            }
            default -> text.append(scalar(tree));
        }
    }

    /** Block style; texts are always in quotes, so that none is taken for something else. */
    public static String yaml(Object tree) {
        StringBuilder text = new StringBuilder();
        yaml(tree, "", text);
        return text.toString();
    }

    private static void yaml(Object tree, String indent, StringBuilder text) {
        switch (tree) {
            case Map<?, ?> map ->
                map.forEach((key, value) -> {
                    text.append(indent).append(key).append(':');
                    nested(value, indent, text);
                });
            case List<?> list -> {
                for (Object element : list) {
                    if (element instanceof Map<?, ?> || element instanceof List<?>) {
                        StringBuilder block = new StringBuilder();
                        yaml(element, indent + "  ", block);
                        text.append(indent).append("- ").append(block.substring(indent.length() + 2));
                    } else {
                        text.append(indent).append("- ").append(scalar(element)).append('\n');
                    }
                }
            }
            default -> text.append(indent).append(scalar(tree)).append('\n');
        }
    }

    private static void nested(Object value, String indent, StringBuilder text) {
        boolean empty =
                (value instanceof Map<?, ?> map && map.isEmpty()) || (value instanceof List<?> list && list.isEmpty());
        if (empty) {
            text.append(value instanceof Map<?, ?> ? " {}\n" : " []\n");
        } else if (value instanceof Map<?, ?> || value instanceof List<?>) {
            text.append('\n');
            yaml(value, indent + "  ", text);
        } else {
            text.append(' ').append(scalar(value)).append('\n');
        }
    }

    private static String scalar(Object value) {
        return value instanceof Number || value instanceof Boolean ? value.toString() : quoted(value.toString());
    }

    static String quoted(String value) {
        StringBuilder text = new StringBuilder("\"");
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"', '\\' -> text.append('\\').append(c);
                case '\n' -> text.append("\\n");
                case '\t' -> text.append("\\t");
                default -> {
                    if (c < ' ' || c == 0x7f) {
                        text.append(String.format(java.util.Locale.ROOT, "\\u%04x", (int) c));
                    } else {
                        text.append(c);
                    }
                }
            }
        }
        return text.append('"').toString();
    }
}
