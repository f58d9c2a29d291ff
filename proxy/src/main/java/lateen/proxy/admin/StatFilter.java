package lateen.proxy.admin;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Keeps the lines whose name a regular expression matches in part. Envoy uses RE2, which needs time in proportion to the
 * text; {@link Pattern} does not, so its steps are counted and an expression that needs too many is given up.
 */
sealed interface StatFilter {
    int MAX_LENGTH = 256;
    /** Characters looked at for the whole text: about a second. */
    long STEPS = 50_000_000;

    /** An expression that can be tried. */
    record Usable(Pattern pattern) implements StatFilter {

        Outcome apply(CharSequence text) {
            long[] left = {STEPS};
            StringBuilder kept = new StringBuilder();
            try {
                keep(text, left, kept);
            } catch (TooManySteps | StackOverflowError e) {
                return new Refused("filter: '" + pattern + "' takes too long (expected: one without nested repetitions)\n");
            }
            return new Kept(kept);
        }

        /** HELP and TYPE of a family are kept with the first of its samples that is. */
        private void keep(CharSequence text, long[] left, StringBuilder kept) {
            int heading = 0;
            int samples = 0;
            boolean inHeading = false;
            for (int start = 0; start < text.length(); ) {
                int end = start;
                while (end < text.length() && text.charAt(end) != '\n') {
                    end++;
                }
                int next = Math.min(end + 1, text.length());
                if (text.charAt(start) == '#') {
                    heading = inHeading ? heading : start;
                    samples = next;
                    inHeading = true;
                } else {
                    inHeading = false;
                    if (pattern.matcher(new Counted(text, start, nameEnd(text, start, end), left)).find()) {
                        kept.append(text, heading, samples).append(text, start, next);
                        heading = samples;
                    }
                }
                start = next;
            }
        }
    }

    /** What became of the text. */
    sealed interface Outcome {}

    record Kept(CharSequence text) implements Outcome {}

    /** Told to the client. */
    record Refused(String why) implements StatFilter, Outcome {}

    static StatFilter of(String expression) {
        if (expression.length() > MAX_LENGTH) {
            return new Refused("filter: " + expression.length() + " characters (expected: at most " + MAX_LENGTH + ")\n");
        }
        try {
            return new Usable(Pattern.compile(expression));
        } catch (PatternSyntaxException e) {
            return new Refused("filter: '" + expression + "': " + e.getDescription() + " (expected: a regular expression)\n");
        }
    }

    private static int nameEnd(CharSequence text, int start, int end) {
        for (int i = end - 1; i > start; i--) {
            if (text.charAt(i) == '}' || (text.charAt(i) == ':' && i + 1 < end && text.charAt(i + 1) == ' ')) {
                return i;
            }
        }
        return end;
    }

    /** Thrown through {@link Matcher}, which has no other way out. */
    final class TooManySteps extends RuntimeException {
        private TooManySteps() {
            super("the budget of steps is used up", null, false, false);
        }
    }

    /** A part of a text that counts how often it is looked at. */
    record Counted(CharSequence text, int start, int end, long[] left) implements CharSequence {
        @Override
        public int length() {
            return end - start;
        }

        @Override
        public char charAt(int index) {
            if (--left[0] < 0) {
                throw new TooManySteps();
            }
            return text.charAt(start + index);
        }

        @Override
        public CharSequence subSequence(int from, int to) {
            return text.subSequence(start + from, start + to);
        }
    }
}
