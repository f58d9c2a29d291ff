package lateen.capture.render;

import java.util.List;

/** What is there against what should be, both as lines of a listing. */
public final class RuleDifference {
    private RuleDifference() {}

    /** The first difference, in words; for the message of a refused run. */
    public static String first(List<String> there, List<String> wanted) {
        String surplus =
                there.stream().filter(l -> !wanted.contains(l)).findFirst().orElse("");
        String missing =
                wanted.stream().filter(l -> !there.contains(l)).findFirst().orElse("");
        if (surplus.isEmpty() && missing.isEmpty()) {
            return "the same rules in another order or number";
        }
        return (surplus.isEmpty() ? "" : "there: \"" + surplus + "\"")
                + (surplus.isEmpty() || missing.isEmpty() ? "" : ", ")
                + (missing.isEmpty() ? "" : "missing: \"" + missing + "\"");
    }
}
