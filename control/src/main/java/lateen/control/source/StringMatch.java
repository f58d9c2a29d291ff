package lateen.control.source;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Istio: {@code StringMatch}. */
public sealed interface StringMatch {

    record Exact(String value) implements StringMatch {}

    record Prefix(String value) implements StringMatch {}

    /** RE2 syntax, the whole value. */
    record Regex(String pattern) implements StringMatch {}

    /** An empty match, or Istio's regex {@code *}: it is there, whatever its value. */
    record Present() implements StringMatch {}

    /** Of a header or query parameter, which may merely be there. */
    static @Nullable StringMatch readOrPresent(FieldReader in) {
        return in.names().isEmpty() ? new Present() : read(in);
    }

    /** Null after a reported problem. */
    static @Nullable StringMatch read(FieldReader in) {
        int errors = in.problems().errorCount();
        List<StringMatch> all = new ArrayList<>();
        String exact = in.text("exact", TextRule.ANY);
        if (exact != null) {
            all.add(new Exact(exact));
        }
        String prefix = in.text("prefix", TextRule.NOT_EMPTY);
        if (prefix != null) {
            all.add(new Prefix(prefix));
        }
        String regex = in.text("regex", new TextRule("RE2 syntax, or *", StringMatch::isPattern));
        if (regex != null) {
            all.add(regex.equals("*") ? new Present() : new Regex(regex));
        }
        in.end();
        if (all.size() != 1 && in.problems().errorCount() == errors) {
            String text = "has " + all.size() + " conditions (expected: one of exact, prefix, regex)";
            in.problems().error(in.origin(), in.path(), text);
        }
        return all.size() == 1 ? all.getFirst() : null;
    }

    private static boolean isPattern(String s) {
        return s.equals("*") || TextRule.REGEX.holds().test(s);
    }
}
