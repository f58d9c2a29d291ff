package lateen.services.dashboard;

import java.util.Map;

/** One line of Prometheus' text format. */
record Sample(String name, Map<String, String> labels, double value) {

    /** The label's value; empty when it is missing or {@code unknown}, which Istio writes for it. */
    String label(String label) {
        String value = labels.getOrDefault(label, "");
        return value.equals("unknown") ? "" : value;
    }
}
