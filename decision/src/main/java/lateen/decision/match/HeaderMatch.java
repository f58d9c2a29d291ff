package lateen.decision.match;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import lateen.decision.config.HeaderMatcher;
import lateen.decision.request.ByteSlice;
import lateen.decision.request.HeaderName;
import lateen.decision.request.RequestView;
import org.jspecify.annotations.Nullable;

/**
 * A {@link HeaderMatcher} made ready to run. Envoy: {@code config.route.v3.HeaderMatcher}. Immutable.
 *
 * <p>A header that is not there fails every test of its value, inverted or not, unless {@code absentIsEmpty} says to
 * take it for an empty one; a test for presence is always answered.
 */
public final class HeaderMatch {

    /** Headers whose values let their bearer in: never written into a trace. */
    private static final Set<String> SECRET = Set.of("authorization", "proxy-authorization", "cookie", "x-api-key");

    private final HeaderMatcher source;
    private final HeaderField field;
    private final @Nullable TextMatch text;

    private HeaderMatch(HeaderMatcher source) {
        this.source = source;
        this.field = HeaderField.of(source.name());
        this.text = source.test() instanceof HeaderMatcher.Test.Value v ? TextMatch.compile(v.matcher()) : null;
    }

    /**
     * @throws IllegalArgumentException when a regular expression is not RE2 syntax, or the name is a pseudo header that
     *     requests do not have
     */
    public static HeaderMatch compile(HeaderMatcher matcher) {
        return new HeaderMatch(matcher);
    }

    public static HeaderMatch[] compileAll(List<HeaderMatcher> matchers) {
        return matchers.stream().map(HeaderMatch::compile).toArray(HeaderMatch[]::new);
    }

    /** @param request null: a bare connection, which has no headers */
    public boolean matches(@Nullable RequestView request) {
        ByteSlice value = request == null ? null : field.value(request);
        boolean outcome;
        switch (source.test()) {
            case HeaderMatcher.Test.Present p -> outcome = (value != null) == p.present();
            case HeaderMatcher.Test.Value v -> {
                if (value == null && !source.absentIsEmpty()) {
                    return false;
                }
                outcome = value == null ? text().matches("") : text().matches(value);
            }
            case HeaderMatcher.Test.Range r -> {
                if (value == null && !source.absentIsEmpty()) {
                    return false;
                }
                outcome = value != null && DecimalRange.contains(value, r.first(), r.end());
            }
        }
        return outcome != source.invert();
    }

    public static boolean all(HeaderMatch[] matches, RequestView request) {
        for (HeaderMatch match : matches) {
            if (!match.matches(request)) {
                return false;
            }
        }
        return true;
    }

    private TextMatch text() {
        if (text == null) {
            throw new AssertionError("compiled for every test of a value");
        }
        return text;
    }

    public String name() {
        return source.name();
    }

    /** What the request shows, in words; for traces. */
    public String seen(@Nullable RequestView request) {
        if (request == null) {
            return "a bare connection, which has no headers";
        }
        ByteSlice value = field.value(request);
        if (value == null) {
            return "absent";
        }
        return SECRET.contains(source.name()) ? "a value that is not shown" : '"' + value.toString() + '"';
    }

    /** What is expected, in words; for traces. */
    public String expected() {
        String what = switch (source.test()) {
            case HeaderMatcher.Test.Present p -> p.present() ? "present" : "absent";
            case HeaderMatcher.Test.Value v -> text().expected();
            case HeaderMatcher.Test.Range r -> "an integer from " + r.first() + " to below " + r.end();
        };
        return source.invert() ? "anything but " + what : what;
    }

    /** Where the value is found. */
    private enum Part {
        METHOD,
        PATH,
        AUTHORITY,
        SCHEME,
        HEADER
    }

    private record HeaderField(Part part, HeaderName name) {

        static HeaderField of(String name) {
            Part part = switch (name) {
                case ":method" -> Part.METHOD;
                case ":path" -> Part.PATH;
                // HTTP/1 carries the authority as "host", and Envoy treats the two as one.
                case ":authority", "host" -> Part.AUTHORITY;
                case ":scheme" -> Part.SCHEME;
                default -> Part.HEADER;
            };
            if (part == Part.HEADER && name.startsWith(":")) {
                throw new IllegalArgumentException("header '" + name + "' (expected: a name, or one of "
                        + Arrays.asList(":method", ":path", ":authority", ":scheme") + ")");
            }
            return new HeaderField(part, HeaderName.of(name));
        }

        /** Null: absent. */
        @Nullable
        ByteSlice value(RequestView request) {
            return switch (part) {
                case METHOD -> orAbsent(request.method());
                case PATH -> orAbsent(request.path());
                case AUTHORITY -> orAbsent(request.authority());
                case SCHEME -> orAbsent(request.scheme());
                case HEADER -> header(request);
            };
        }

        private static @Nullable ByteSlice orAbsent(ByteSlice part) {
            return part.length() == 0 ? null : part;
        }

        private @Nullable ByteSlice header(RequestView request) {
            ByteSlice into = request.scratch();
            int count = request.header(name, into);
            return count == 0 ? null : count == 1 ? into : request.joinedHeader(name);
        }
    }
}
