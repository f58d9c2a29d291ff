package lateen.proxy.stats;

/** One series. */
sealed interface Metric permits Counter, Gauge, Histogram, LatencyRecorder {

    /** Appends the sample lines. {@code labels} is {@code a="b",c="d"}, escaped, or empty. */
    void render(String name, String labels, StringBuilder out);

    /** The value in one line, for {@code /stats}. */
    String plain();

    /** Appends {@code name{labels} value}. */
    static void line(StringBuilder out, String name, String labels, long value) {
        out.append(name);
        if (!labels.isEmpty()) {
            out.append('{').append(labels).append('}');
        }
        out.append(' ').append(value).append('\n');
    }

    /** The labels with {@code le} after them. */
    static String withBound(String labels, String bound) {
        return (labels.isEmpty() ? "" : labels + ",") + "le=\"" + bound + "\"";
    }
}
