package lateen.proxy.admin;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Keeps the lines whose name a regular expression matches in part. Envoy uses RE2, which needs time in proportion to the
 * text; {@link Pattern} does not. So what can make it exponential is refused, and the characters looked at are counted:
 * an expression that needs too many is given up.
 */
sealed interface StatFilter {
    int MAX_LENGTH = 256;
    /** Characters looked at for the whole text: a part of a second. */
    long STEPS = 20_000_000;
    /** Groups that are repeated, groups that look around, and references to groups. */
    Pattern UNSAFE = Pattern.compile("\\)[*+?{]|\\(\\?|\\\\[1-9k]");

    /** An expression that can be tried. */
    record Usable(Pattern pattern) implements StatFilter {

        Outcome apply(CharSequence text) {
            Steps left = new Steps();
            StringBuilder kept = new StringBuilder();
            try {
                keep(text, left, kept);
            } catch (TooManySteps | StackOverflowError e) {
                return new Refused("filter: '" + pattern + "' takes too long (expected: fewer repetitions)\n");
            }
            return new Kept(kept);
        }

        /** HELP and TYPE of a family are kept with the first of its samples that is. */
        private void keep(CharSequence text, Steps left, StringBuilder kept) {
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
                    if (pattern.matcher(new Counted(text, start, nameEnd(text, start, end), left))
                            .find()) {
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
            return new Refused(
                    "filter: " + expression.length() + " characters (expected: at most " + MAX_LENGTH + ")\n");
        }
        if (UNSAFE.matcher(expression).find()) {
            return new Refused("filter: '" + expression
                    + "' (expected: no repeated group, no group that begins with (?, no reference to a group)\n");
        }
        try {
            return new Usable(Pattern.compile(expression));
        } catch (PatternSyntaxException e) {
            return new Refused(
                    "filter: '" + expression + "': " + e.getDescription() + " (expected: a regular expression)\n");
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

    /** The budget of one request. */
    final class Steps {
        private long left = STEPS;

        private void take() {
            if (--left < 0) {
                throw new TooManySteps();
            }
        }
    }

    /** Thrown through {@link Matcher}, which has no other way out. */
    final class TooManySteps extends RuntimeException {
        private TooManySteps() {
            super("the budget of steps is used up", null, false, false);
        }
    }

    /** A part of a text that counts how often it is looked at. */
    record Counted(CharSequence text, int start, int end, Steps left) implements CharSequence {
        @Override
        public int length() {
            return end - start;
        }

        @Override
        public char charAt(int index) {
            left.take();
            return text.charAt(start + index);
        }

        @Override
        public CharSequence subSequence(int from, int to) {
            return text.subSequence(start + from, start + to);
        }
    }
}
