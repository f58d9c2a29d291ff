package lateen.services.dashboard;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import lateen.services.dashboard.MetricsSource.Host;
import lateen.services.dashboard.MetricsSource.Observation;
import lateen.services.dashboard.MetricsSource.Page;

/**
 * An observation, read.
 *
 * @param instances counters of each sidecar that answered, by instance
 * @param problems why others did not, by instance
 */
record Reading(Map<String, Instance> instances, Map<String, String> problems, List<Host> hosts) {

    static final String REQUESTS = "istio_requests_total";
    static final String DURATION = "istio_request_duration_milliseconds_bucket";
    static final String OPENED = "istio_tcp_connections_opened_total";
    static final String CLOSED = "istio_tcp_connections_closed_total";
    static final String SENT = "istio_tcp_sent_bytes_total";
    static final String RECEIVED = "istio_tcp_received_bytes_total";
    private static final Predicate<String> WANTED =
            List.of(REQUESTS, DURATION, OPENED, CLOSED, SENT, RECEIVED)::contains;

    /** One series. */
    record Series(String name, Map<String, String> labels) {}

    /**
     * One sidecar's counters.
     *
     * @param nanos when they were read, by {@link System#nanoTime()}
     */
    record Instance(long nanos, Map<Series, Double> counters) {

        /**
         * Whether a counter is lower than in an earlier reading: the process has been started anew since. One that is gone
         * says nothing: Envoy forgets series that are not used.
         */
        boolean startedAfter(Instance earlier) {
            for (Map.Entry<Series, Double> was : earlier.counters().entrySet()) {
                if (counters.getOrDefault(was.getKey(), was.getValue()) < was.getValue()) {
                    return true;
                }
            }
            return false;
        }
    }

    static Reading of(Observation observation) {
        Map<String, Instance> instances = new TreeMap<>();
        Map<String, String> problems = new TreeMap<>();
        for (Page page : observation.pages()) {
            switch (page) {
                case Page.Missing(String instance, String reason) -> problems.put(instance, reason);
                case Page.Read(String instance, long nanos, String text) -> {
                    switch (PrometheusText.parse(text, WANTED)) {
                        case PrometheusText.Result.Refused(String reason) ->
                            problems.put(instance, "its metrics cannot be read: " + reason);
                        case PrometheusText.Result.Samples(List<Sample> samples) ->
                            instances.put(instance, new Instance(nanos, counters(samples)));
                    }
                }
            }
        }
        return new Reading(instances, problems, observation.hosts());
    }

    /** Counters only: what is negative or no number is none. */
    private static Map<Series, Double> counters(List<Sample> samples) {
        Map<Series, Double> counters = new HashMap<>();
        for (Sample sample : samples) {
            if (sample.value() >= 0 && !Double.isInfinite(sample.value())) {
                counters.merge(new Series(sample.name(), sample.labels()), sample.value(), Double::sum);
            }
        }
        return counters;
    }
}
