package lateen.proxy.accesslog;

import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code %START_TIME(format)%}, in UTC. Of strftime: {@code Y y m d e b H M S T F s z Z j %}; Envoy's {@code f} (nanoseconds)
 * and {@code 1f} to {@code 9f} (so many digits).
 */
final class StartTime implements Operator {

    private static final String DEFAULT = "%Y-%m-%dT%H:%M:%S.%3fZ";
    private static final String[] MONTHS = {
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"
    };

    private interface Field {
        void write(LocalDateTime time, long epochMicros, LogBuffer out);
    }

    private final List<Field> fields;
    /** Of the last entry, to the second; the fractions come from elsewhere. Log thread only. */
    private LocalDateTime time = LocalDateTime.ofEpochSecond(0, 0, ZoneOffset.UTC);

    private long second;

    private StartTime(List<Field> fields) {
        this.fields = fields;
    }

    static StartTime compile(@Nullable String argument) {
        String format = argument == null || argument.isEmpty() ? DEFAULT : argument;
        List<Field> fields = new ArrayList<>();
        int at = 0;
        while (at < format.length()) {
            char c = format.charAt(at++);
            if (c != '%') {
                byte[] text = String.valueOf(c).getBytes(StandardCharsets.UTF_8);
                fields.add((t, micros, out) -> out.literal(text));
                continue;
            }
            char kind = at < format.length() ? format.charAt(at++) : '\0';
            if (kind >= '1' && kind <= '9' && at < format.length() && format.charAt(at) == 'f') {
                at++;
                fields.add(fraction(kind - '0'));
            } else {
                fields.add(field(kind));
            }
        }
        return new StartTime(List.copyOf(fields));
    }

    private static Field fraction(int digits) {
        long divisor = 1;
        for (int i = digits; i < 9; i++) {
            divisor *= 10;
        }
        long by = divisor;
        return (t, micros, out) -> out.padded(Math.floorMod(micros, 1_000_000) * 1000L / by, digits);
    }

    private static Field field(char kind) {
        return switch (kind) {
            case 'Y' -> (t, micros, out) -> out.padded(t.getYear(), 4);
            case 'y' -> (t, micros, out) -> out.padded(t.getYear() % 100, 2);
            case 'm' -> (t, micros, out) -> out.padded(t.getMonthValue(), 2);
            case 'd' -> (t, micros, out) -> out.padded(t.getDayOfMonth(), 2);
            case 'e' ->
                (t, micros, out) -> {
                    if (t.getDayOfMonth() < 10) {
                        out.literal(new byte[] {' '});
                    }
                    out.number(t.getDayOfMonth());
                };
            case 'b' -> (t, micros, out) -> out.value(MONTHS[t.getMonthValue() - 1], 3);
            case 'j' -> (t, micros, out) -> out.padded(t.getDayOfYear(), 3);
            case 'H' -> (t, micros, out) -> out.padded(t.getHour(), 2);
            case 'M' -> (t, micros, out) -> out.padded(t.getMinute(), 2);
            case 'S' -> (t, micros, out) -> out.padded(t.getSecond(), 2);
            case 'T' -> join('H', ':', 'M', ':', 'S');
            case 'F' -> join('Y', '-', 'm', '-', 'd');
            case 's' -> (t, micros, out) -> out.number(Math.floorDiv(micros, 1_000_000));
            case 'f' -> fraction(9);
            case 'z' -> (t, micros, out) -> out.value("+0000", 5);
            case 'Z' -> (t, micros, out) -> out.value("UTC", 3);
            case '%' -> (t, micros, out) -> out.literal(new byte[] {'%'});
            default ->
                throw new IllegalArgumentException("'%" + kind
                        + "' is not a time field (expected: one of Y y m d e b j H M S T F s f 1f..9f z Z %)");
        };
    }

    private static Field join(char a, char between, char b, char then, char c) {
        Field first = field(a);
        Field second = field(b);
        Field third = field(c);
        return (t, micros, out) -> {
            first.write(t, micros, out);
            out.literal(new byte[] {(byte) between});
            second.write(t, micros, out);
            out.literal(new byte[] {(byte) then});
            third.write(t, micros, out);
        };
    }

    @Override
    public boolean write(LogEntry entry, LogBuffer out) {
        long micros = entry.startEpochMicros;
        long now = Math.floorDiv(micros, 1_000_000);
        if (now != second) {
            second = now;
            time = LocalDateTime.ofEpochSecond(now, 0, ZoneOffset.UTC);
        }
        for (Field field : fields) {
            field.write(time, micros, out);
        }
        return true;
    }
}
