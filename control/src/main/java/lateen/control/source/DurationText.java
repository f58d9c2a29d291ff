package lateen.control.source;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Times in Go's notation, which Istio's APIs use: {@code 1h}, {@code 1m30s}, {@code 1.5s}, {@code 200ms}. */
final class DurationText {

    private static final Pattern PART = Pattern.compile("([0-9]{1,9})(?:\\.([0-9]{1,9}))?(h|ms|m|s|us|ns)");

    private DurationText() {}

    /** Null: not in that notation, or negative. */
    static @Nullable Duration parse(String text) {
        Matcher part = PART.matcher(text);
        Duration sum = Duration.ZERO;
        int at = 0;
        while (at < text.length() && part.find(at) && part.start() == at) {
            long unit = nanos(part.group(3));
            sum = sum.plus(Duration.ofNanos(unit).multipliedBy(Long.parseLong(part.group(1))));
            if (part.group(2) != null) {
                double fraction = Double.parseDouble("0." + part.group(2));
                sum = sum.plusNanos(Math.round(fraction * unit));
            }
            at = part.end();
        }
        return at == text.length() && at > 0 ? sum : null;
    }

    /** Whole seconds or milliseconds. */
    static String of(Duration duration) {
        return duration.toMillisPart() == 0 ? duration.toSeconds() + "s" : duration.toMillis() + "ms";
    }

    private static long nanos(String unit) {
        return switch (unit) {
            case "h" -> 3_600_000_000_000L;
            case "m" -> 60_000_000_000L;
            case "s" -> 1_000_000_000L;
            case "ms" -> 1_000_000L;
            case "us" -> 1_000L;
            default -> 1L;
        };
    }
}
