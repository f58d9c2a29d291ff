package lateen.proxy.attacks;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A line of a table: {@code name | ours | Envoy's | arrives | bytes | why}.
 *
 * @param ours the statuses of our answers, and how the connection is then: {@code -} ended, {@code =} open for the next
 *     request, {@code …} waiting for more
 * @param envoys the same of Envoy
 * @param arrives what our back end counts, in any order, with {@code ;} between; the next request is not among it
 * @param sent the bytes, or the fields of an HTTP/2 request
 * @param why the two differ, with the section of the RFC; empty: they do not
 */
record Row(String name, String ours, String envoys, List<String> arrives, String sent, String why) {
    private static final Pattern REPEATED = Pattern.compile("\\{(.+?)\\*(\\d+)}");
    private static final Pattern ESCAPED = Pattern.compile("\\\\(x[0-9a-f]{2}|[rnt0])");

    /** Of a file in the folder of this package; lines that begin with # are headings. */
    static Stream<Row> table(String file) {
        try (InputStream in = Row.class.getResourceAsStream(file)) {
            return new String(Objects.requireNonNull(in, file).readAllBytes(), StandardCharsets.UTF_8)
                    .lines().filter(line -> !line.isBlank() && !line.startsWith("#")).map(Row::of).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Row of(String line) {
        String[] cells = (line + " ").split("\\|", -1);
        if (cells.length != 6) {
            throw new AssertionError("a row of " + cells.length + " cells (expected: 6): " + line);
        }
        List<String> arrives = new ArrayList<>();
        for (String each : cells[3].strip().split(";", -1)) {
            if (!each.isBlank()) {
                arrives.add(unescaped(each.strip()));
            }
        }
        return new Row(
                cells[0].strip(),
                cells[1].strip(),
                cells[2].strip(),
                arrives,
                unescaped(cells[4].substring(1, cells[4].length() - 1)),
                cells[5].strip());
    }

    /** {@code ~} is CRLF; {@code \r \n \t \0 \xHH} are bytes; {@code {text*9}} is repeated. */
    static String unescaped(String cell) {
        String all = REPEATED.matcher(cell)
                .replaceAll(found -> Matcher.quoteReplacement(found.group(1).repeat(Integer.parseInt(found.group(2)))));
        return ESCAPED.matcher(all.replace("~", "\r\n"))
                .replaceAll(found -> Matcher.quoteReplacement(
                        switch (found.group(1).charAt(0)) {
                            case 'r' -> "\r";
                            case 'n' -> "\n";
                            case 't' -> "\t";
                            case '0' -> "\0";
                            default ->
                                "" + (char) Integer.parseInt(found.group(1).substring(1), 16);
                        }));
    }

    @Override
    public String toString() {
        return name;
    }
}
