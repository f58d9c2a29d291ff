package lateen.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleBinaryOperator;
import java.util.function.ToDoubleFunction;

/** Figures of one kind over the rounds. */
final class Series {

    private final List<Double> values = new ArrayList<>();

    static <T> Series of(List<T> samples, ToDoubleFunction<T> figure) {
        Series series = new Series();
        samples.forEach(sample -> series.add(figure.applyAsDouble(sample)));
        return series;
    }

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
        return with(reference, (own, other) -> own / other);
    }

    /** Pair by pair difference, round for round. */
    Series minus(Series reference) {
        return with(reference, (own, other) -> own - other);
    }

    private Series with(Series reference, DoubleBinaryOperator operation) {
        Series result = new Series();
        for (int i = 0; i < values.size(); i++) {
            result.add(operation.applyAsDouble(values.get(i), reference.values.get(i)));
        }
        return result;
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
