package lateen.services.dashboard;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Reads Prometheus' text format (version 0.0.4): {@code name{label="value",…} value [timestamp]}, comments after {@code #}.
 * A text with a line that is none of this is refused as a whole.
 */
final class PrometheusText {
    static final int MAX_LENGTH = 32 << 20;
    static final int MAX_LINE = 64 << 10;
    static final int MAX_SAMPLES = 200_000;
    private static final int MAX_LABELS = 64;

    /** Either all samples that were asked for, or the first line that is wrong. */
    sealed interface Result {
        record Samples(List<Sample> samples) implements Result {}

        record Refused(String reason) implements Result {}
    }

    /** Stays inside this class. */
    private static final class Wrong extends Exception {
        private static final long serialVersionUID = 1;

        Wrong(String message) {
            super(message, null, false, false);
        }
    }

    private final String text;
    private final int end;
    private int at;

    private PrometheusText(String text, int start, int end) {
        this.text = text;
        this.at = start;
        this.end = end;
    }

    /** @param wanted names of samples to keep; the others are not looked into */
    static Result parse(String text, Predicate<String> wanted) {
        if (text.length() > MAX_LENGTH) {
            return new Result.Refused("longer than " + MAX_LENGTH + " characters");
        }
        List<Sample> samples = new ArrayList<>();
        int number = 0;
        for (int start = 0; start < text.length(); ) {
            int newline = text.indexOf('\n', start);
            int end = newline < 0 ? text.length() : newline;
            number++;
            try {
                if (end - start > MAX_LINE) {
                    throw new Wrong("longer than " + MAX_LINE + " characters");
                }
                new PrometheusText(text, start, end).line(wanted, samples);
            } catch (Wrong e) {
                return new Result.Refused("line " + number + ": " + e.getMessage());
            }
            start = end + 1;
        }
        return new Result.Samples(samples);
    }

    private void line(Predicate<String> wanted, List<Sample> into) throws Wrong {
        blanks();
        if (at == end || text.charAt(at) == '#' || text.charAt(at) == '\r') {
            return;
        }
        String name = word("name of a metric", true);
        if (!wanted.test(name)) {
            return;
        }
        blanks();
        Map<String, String> labels = at < end && text.charAt(at) == '{' ? labels() : Map.of();
        blanks();
        double value = number();
        if (into.size() == MAX_SAMPLES) {
            throw new Wrong("more than " + MAX_SAMPLES + " samples");
        }
        into.add(new Sample(name, labels, value));
    }

    private Map<String, String> labels() throws Wrong {
        Map<String, String> labels = new LinkedHashMap<>();
        at++;
        blanks();
        while (at < end && text.charAt(at) != '}') {
            String name = word("name of a label", false);
            blanks();
            expect('=');
            blanks();
            if (labels.put(name, quoted()) != null) {
                throw new Wrong("label " + name + " twice");
            }
            if (labels.size() > MAX_LABELS) {
                throw new Wrong("more than " + MAX_LABELS + " labels");
            }
            blanks();
            if (at < end && text.charAt(at) == ',') {
                at++;
                blanks();
            } else if (at < end && text.charAt(at) != '}') {
                throw new Wrong("column " + column() + ": expected , or }");
            }
        }
        expect('}');
        return labels;
    }

    private String quoted() throws Wrong {
        expect('"');
        StringBuilder value = new StringBuilder();
        while (at < end && text.charAt(at) != '"') {
            char c = text.charAt(at++);
            if (c != '\\') {
                value.append(c);
                continue;
            }
            char escaped = at < end ? text.charAt(at++) : '\0';
            switch (escaped) {
                case 'n' -> value.append('\n');
                case '\\', '"' -> value.append(escaped);
                default -> throw new Wrong("column " + column() + ": escape (expected: \\n, \\\\ or \\\")");
            }
        }
        expect('"');
        return value.toString();
    }

    /** The value; a timestamp after it must be a whole number and is not used. */
    private double number() throws Wrong {
        String rest = text.substring(at, end).strip();
        String[] parts = rest.split("[ \t]+", -1);
        if (parts.length > 2 || (parts.length == 2 && !parts[1].matches("-?[0-9]{1,18}"))) {
            throw new Wrong("'" + shortly(rest) + "' (expected: a value, and perhaps a timestamp)");
        }
        return switch (parts[0]) {
            case "NaN", "Nan", "nan" -> Double.NaN;
            case "+Inf", "Inf", "+inf", "inf" -> Double.POSITIVE_INFINITY;
            case "-Inf", "-inf" -> Double.NEGATIVE_INFINITY;
            default -> {
                if (!parts[0].matches("[+-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([eE][+-]?[0-9]{1,4})?")) {
                    throw new Wrong("'" + shortly(parts[0]) + "' (expected: a number)");
                }
                yield Double.parseDouble(parts[0]);
            }
        };
    }

    private String word(String what, boolean colons) throws Wrong {
        int start = at;
        while (at < end && wordCharacter(text.charAt(at), at == start, colons)) {
            at++;
        }
        if (at == start) {
            throw new Wrong("column " + column() + ": expected the " + what);
        }
        return text.substring(start, at);
    }

    private static boolean wordCharacter(char c, boolean first, boolean colons) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || c == '_'
                || (colons && c == ':')
                || (!first && c >= '0' && c <= '9');
    }

    private void expect(char wanted) throws Wrong {
        if (at >= end || text.charAt(at) != wanted) {
            throw new Wrong("column " + column() + ": expected " + wanted);
        }
        at++;
    }

    private void blanks() {
        while (at < end && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
            at++;
        }
    }

    private int column() {
        return at - text.lastIndexOf('\n', Math.max(0, at - 1));
    }

    private static String shortly(String text) {
        return text.length() > 40 ? text.substring(0, 40) + "..." : text;
    }
}
