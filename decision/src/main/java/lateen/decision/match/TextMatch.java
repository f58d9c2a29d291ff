package lateen.decision.match;

import java.nio.charset.StandardCharsets;
import lateen.decision.config.StringMatcher;
import lateen.decision.request.ByteSlice;
import lateen.decision.request.HeaderName;

/**
 * A {@link StringMatcher} made ready to run. Bytes are compared with the UTF-8 form of what was configured. Envoy: {@code
 * type.matcher.v3.StringMatcher}. Immutable.
 */
public abstract sealed class TextMatch permits TextMatch.Literal, RegexMatch {

    private final StringMatcher source;

    TextMatch(StringMatcher source) {
        this.source = source;
    }

    /**
     * @throws IllegalArgumentException when a regular expression is not RE2 syntax; names it and the place of the fault
     */
    public static TextMatch compile(StringMatcher matcher) {
        return switch (matcher) {
            case StringMatcher.Exact m -> new Exact(m, m.value(), m.ignoreCase());
            case StringMatcher.Prefix m -> new Prefix(m, m.value(), m.ignoreCase());
            case StringMatcher.Suffix m -> new Suffix(m, m.value(), m.ignoreCase());
            case StringMatcher.Contains m -> new Contains(m, m.value(), m.ignoreCase());
            case StringMatcher.Regex m -> new RegexMatch(m);
        };
    }

    /** Whether {@code array[start, end)} matches. */
    public abstract boolean matches(byte[] array, int start, int end);

    public final boolean matches(ByteSlice slice) {
        return matches(slice.array(), slice.start(), slice.end());
    }

    public abstract boolean matches(String text);

    /** What is expected, in words: {@code "/a"}, {@code a prefix of "/a"}. */
    public final String expected() {
        return switch (source) {
            case StringMatcher.Exact m -> words("", m.value(), m.ignoreCase());
            case StringMatcher.Prefix m -> words("something starting with ", m.value(), m.ignoreCase());
            case StringMatcher.Suffix m -> words("something ending with ", m.value(), m.ignoreCase());
            case StringMatcher.Contains m -> words("something containing ", m.value(), m.ignoreCase());
            case StringMatcher.Regex m -> "something matching the pattern \"" + m.pattern() + "\"";
        };
    }

    private static String words(String how, String value, boolean ignoreCase) {
        return how + '"' + value + '"' + (ignoreCase ? " in any letter case" : "");
    }

    /** Compares with fixed text. */
    abstract static sealed class Literal extends TextMatch {
        private final String text;
        private final byte[] bytes;
        private final boolean fold;

        Literal(StringMatcher source, String text, boolean fold) {
            super(source);
            this.text = text;
            this.bytes = text.getBytes(StandardCharsets.UTF_8);
            this.fold = fold;
        }

        final int byteLength() {
            return bytes.length;
        }

        final int textLength() {
            return text.length();
        }

        /** Whether the literal stands at {@code array[at…]}; the caller has checked that there is room. */
        final boolean at(byte[] array, int at) {
            for (int i = 0; i < bytes.length; i++) {
                byte a = array[at + i];
                byte b = bytes[i];
                if (a != b && !(fold && HeaderName.lower(a) == HeaderName.lower(b))) {
                    return false;
                }
            }
            return true;
        }

        final boolean at(String other, int at) {
            for (int i = 0; i < text.length(); i++) {
                char a = other.charAt(at + i);
                char b = text.charAt(i);
                if (a != b && !(fold && lower(a) == lower(b))) {
                    return false;
                }
            }
            return true;
        }

        private static char lower(char c) {
            return c >= 'A' && c <= 'Z' ? (char) (c + 32) : c;
        }
    }

    private static final class Exact extends Literal {
        Exact(StringMatcher source, String text, boolean fold) {
            super(source, text, fold);
        }

        @Override
        public boolean matches(byte[] array, int start, int end) {
            return end - start == byteLength() && at(array, start);
        }

        @Override
        public boolean matches(String other) {
            return other.length() == textLength() && at(other, 0);
        }
    }

    private static final class Prefix extends Literal {
        Prefix(StringMatcher source, String text, boolean fold) {
            super(source, text, fold);
        }

        @Override
        public boolean matches(byte[] array, int start, int end) {
            return end - start >= byteLength() && at(array, start);
        }

        @Override
        public boolean matches(String other) {
            return other.length() >= textLength() && at(other, 0);
        }
    }

    private static final class Suffix extends Literal {
        Suffix(StringMatcher source, String text, boolean fold) {
            super(source, text, fold);
        }

        @Override
        public boolean matches(byte[] array, int start, int end) {
            return end - start >= byteLength() && at(array, end - byteLength());
        }

        @Override
        public boolean matches(String other) {
            return other.length() >= textLength() && at(other, other.length() - textLength());
        }
    }

    private static final class Contains extends Literal {
        Contains(StringMatcher source, String text, boolean fold) {
            super(source, text, fold);
        }

        @Override
        public boolean matches(byte[] array, int start, int end) {
            for (int i = start; i <= end - byteLength(); i++) {
                if (at(array, i)) {
                    return true;
                }
            }
            return false;
        }

        @Override
        public boolean matches(String other) {
            for (int i = 0; i <= other.length() - textLength(); i++) {
                if (at(other, i)) {
                    return true;
                }
            }
            return false;
        }
    }
}
