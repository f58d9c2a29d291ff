package lateen.cli.demo;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** What a series of requests came to. Not thread-safe. */
final class Latencies {
    private final List<Double> millis = new ArrayList<>();
    private int failures;

    /** Reads curl's lines: status, space, seconds. */
    void add(String lines) {
        for (String line : lines.lines().filter(text -> !text.isBlank()).toList()) {
            String[] words = line.strip().split(" ");
            if (words[0].equals("200")) {
                millis.add(Double.parseDouble(words[1]) * 1000);
            } else {
                failures++;
            }
        }
    }

    int requests() {
        return millis.size() + failures;
    }

    int failures() {
        return failures;
    }

    /**
     * The smallest value that at least this part of all values does not exceed.
     *
     * @param part above 0, at most 1
     */
    double percentile(double part) {
        if (millis.isEmpty()) {
            return Double.NaN;
        }
        List<Double> sorted = new ArrayList<>(millis);
        Collections.sort(sorted);
        return sorted.get(Math.max(0, (int) Math.ceil(part * sorted.size()) - 1));
    }
}
