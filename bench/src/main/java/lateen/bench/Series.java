package lateen.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** Figures of one kind over the rounds. */
final class Series {

    private final List<Double> values = new ArrayList<>();

    void add(double value) {
        values.add(value);
    }

    double median() {
        List<Double> sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    /** Pair by pair quotient, round for round. */
    Series over(Series reference) {
        Series ratio = new Series();
        for (int i = 0; i < values.size(); i++) {
            ratio.add(values.get(i) / reference.values.get(i));
        }
        return ratio;
    }

    /** Median with the smallest and largest value. */
    String text(String format) {
        return String.format(
                Locale.ROOT,
                format + " (" + format + "–" + format + ")",
                median(),
                Collections.min(values),
                Collections.max(values));
    }
}
