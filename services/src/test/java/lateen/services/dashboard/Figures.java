package lateen.services.dashboard;

import java.util.LinkedHashMap;
import java.util.Map;

/** Writes sidecars' metrics as they say them: Istio's names and labels, Envoy's buckets. */
final class Figures {
    static final String[] BOUNDS = {"0.5", "1", "5", "10", "25", "50", "100", "250", "500", "1000", "+Inf"};

    private final StringBuilder text = new StringBuilder("# TYPE istio_requests_total counter\n");

    /** Labels of traffic between two workloads of namespace shop, each its own service account. */
    static Map<String, String> between(String reporter, String from, String to) {
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put("reporter", reporter);
        labels.put("source_workload", from);
        labels.put("source_workload_namespace", from.equals("unknown") ? "unknown" : "shop");
        labels.put("source_principal", identity(from));
        labels.put("source_canonical_revision", "latest");
        labels.put("destination_workload", to);
        labels.put("destination_workload_namespace", to.equals("unknown") ? "unknown" : "shop");
        labels.put("destination_principal", identity(to));
        labels.put("destination_canonical_revision", "latest");
        labels.put("destination_service", to + ".shop.svc.cluster.local");
        labels.put("destination_service_name", to);
        labels.put("destination_service_namespace", "shop");
        labels.put("connection_security_policy", reporter.equals("source") ? "unknown" : "mutual_tls");
        labels.put("request_protocol", "http");
        labels.put("response_flags", "-");
        return labels;
    }

    static String identity(String workload) {
        return workload.equals("unknown") ? "unknown" : "spiffe://cluster.local/ns/shop/sa/" + workload;
    }

    static Map<String, String> with(Map<String, String> labels, String name, String value) {
        Map<String, String> changed = new LinkedHashMap<>(labels);
        changed.put(name, value);
        return changed;
    }

    /** @param durations counts of requests by bucket, not cumulative; all of them together are the counter */
    Figures http(Map<String, String> labels, int code, long... durations) {
        Map<String, String> all = with(with(labels, "response_code", "" + code), "grpc_response_status", "");
        long sum = 0;
        for (int i = 0; i < BOUNDS.length; i++) {
            sum += i < durations.length ? durations[i] : 0;
            line("istio_request_duration_milliseconds_bucket", with(all, "le", BOUNDS[i]), sum);
        }
        line("istio_requests_total", all, sum);
        return this;
    }

    Figures tcp(Map<String, String> labels, long opened, long closed, long sent, long received) {
        Map<String, String> all = with(labels, "request_protocol", "tcp");
        line("istio_tcp_connections_opened_total", all, opened);
        line("istio_tcp_connections_closed_total", all, closed);
        line("istio_tcp_sent_bytes_total", all, sent);
        line("istio_tcp_received_bytes_total", all, received);
        return this;
    }

    Figures line(String name, Map<String, String> labels, double value) {
        text.append(name).append('{');
        labels.forEach((label, of) -> text.append(label)
                .append("=\"")
                .append(of.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n"))
                .append("\","));
        text.append("} ").append(value).append('\n');
        return this;
    }

    String text() {
        return text.toString();
    }
}
