package lateen.capture.simulate;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lateen.capture.model.Clause;

/** The words of a rule's text, read from the first to the last. Confined to one thread. */
final class SpecWords {
    private static final long ALL = Clause.NumberIs.ALL;

    private final List<String> words;
    private int at;

    SpecWords(String spec) {
        words = split(spec);
    }

    int size() {
        return words.size();
    }

    boolean atEnd() {
        return at >= words.size();
    }

    /** The place of the next word, for {@link #back} and {@link #since}. */
    int place() {
        return at;
    }

    void back(int place) {
        at = Math.min(words.size(), place);
    }

    /** What was read since a place. */
    String since(int place) {
        return String.join(" ", words.subList(Math.min(place, at), at));
    }

    void skipAll() {
        at = words.size();
    }

    /** Skips values, up to the next option. */
    void skipValues() {
        while (at < words.size()
                && !words.get(at).startsWith("-")
                && !words.get(at).equals("!")) {
            at++;
        }
    }

    /** The next word if it is this one. */
    boolean take(String word) {
        boolean there = at < words.size() && words.get(at).equals(word);
        if (there) {
            at++;
        }
        return there;
    }

    boolean isNext(String word) {
        return at < words.size() && words.get(at).equals(word);
    }

    /** The next word; empty at the end. */
    String next() {
        return at < words.size() ? words.get(at++) : "";
    }

    /** The next word as value and mask, the mask all bits where none is given. */
    Optional<long[]> nextMasked() {
        String text = next();
        int slash = text.indexOf('/');
        Optional<Long> value = number(slash < 0 ? text : text.substring(0, slash));
        Optional<Long> mask = slash < 0 ? Optional.of(ALL) : number(text.substring(slash + 1));
        return value.flatMap(v -> mask.map(m -> new long[] {v, m}));
    }

    /** The next word as a number of 32 bits, decimal or hexadecimal. */
    Optional<Long> nextNumber() {
        return number(next());
    }

    private static Optional<Long> number(String text) {
        try {
            long value = text.startsWith("0x") ? Long.parseLong(text.substring(2), 16) : Long.parseLong(text);
            return value < 0 || value > ALL ? Optional.empty() : Optional.of(value);
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** Words between blanks; double quotes hold one together, a backslash takes the next letter as it is. */
    private static List<String> split(String spec) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean quoted = false;
        boolean begun = false;
        for (int i = 0; i < spec.length(); i++) {
            char c = spec.charAt(i);
            if (c == '\\' && i + 1 < spec.length()) {
                word.append(spec.charAt(++i));
                begun = true;
            } else if (c == '"') {
                quoted = !quoted;
                begun = true;
            } else if (c == ' ' && !quoted) {
                if (begun) {
                    words.add(word.toString());
                }
                word.setLength(0);
                begun = false;
            } else {
                word.append(c);
                begun = true;
            }
        }
        if (begun) {
            words.add(word.toString());
        }
        return words;
    }
}
