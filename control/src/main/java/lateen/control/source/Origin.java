package lateen.control.source;

import java.util.Comparator;

/**
 * Where something was written.
 *
 * @param file name within the configuration directory
 * @param line from 1; 0: the file as a whole
 */
public record Origin(String file, int line) implements Comparable<Origin> {

    private static final Comparator<Origin> ORDER =
            Comparator.comparing(Origin::file).thenComparingInt(Origin::line);

    @Override
    public int compareTo(Origin other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return line == 0 ? file : file + ":" + line;
    }
}
