package lateen.proxy.admin;

import lateen.proxy.stats.Stats;

/** {@code /stats}: all counters, gauges and histograms, as lines or in Prometheus' format. On the page thread. */
final class StatsPage {
    private final Stats stats;
    /** Length of the last text: the next one is about as long, and growing would need it twice. */
    private volatile int usual = 4096;

    StatsPage(Stats stats) {
        this.stats = stats;
    }

    Reply any(Query query) {
        return switch (query.parameter("format")) {
            case "", "text" -> plain(query);
            case "prometheus" -> prometheus(query);
            default ->
                Reply.refuse(
                        Status.BAD_REQUEST,
                        "format: '" + query.parameter("format") + "' (expected: text or prometheus)\n");
        };
    }

    Reply prometheus(Query query) {
        StringBuilder text = new StringBuilder(usual + usual / 8);
        stats.renderPrometheus(text);
        usual = text.length();
        return filtered(query, text);
    }

    private Reply plain(Query query) {
        StringBuilder text = new StringBuilder();
        stats.renderPlain(text);
        return filtered(query, text);
    }

    private static Reply filtered(Query query, StringBuilder text) {
        if (query.parameter("filter").isEmpty()) {
            return Reply.text(text);
        }
        return switch (StatFilter.of(query.parameter("filter"))) {
            case StatFilter.Refused(String why) -> Reply.refuse(Status.BAD_REQUEST, why);
            case StatFilter.Usable usable ->
                switch (usable.apply(text)) {
                    case StatFilter.Kept(CharSequence kept) -> Reply.text(kept);
                    case StatFilter.Refused(String why) -> Reply.refuse(Status.BAD_REQUEST, why);
                };
        };
    }
}
