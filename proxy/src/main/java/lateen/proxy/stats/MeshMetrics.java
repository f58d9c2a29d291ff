package lateen.proxy.stats;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Istio's standard metrics. Their names and labels stand here and in {@link MeshLabels}.
 *
 * <p>Message counts of gRPC ({@code istio_request_messages_total} and its like) come with HTTP/2.
 */
public final class MeshMetrics {

    /** Series of one HTTP outcome: a counter, and three histograms of 22 samples. */
    private static final int SERIES_OF_OUTCOME = 1 + 3 * 22;

    private static final int SERIES_OF_TCP = 4;
    private static final List<String> REQUEST_NAMES;

    static {
        List<String> names = new ArrayList<>(MeshLabels.NAMES);
        names.add("response_code");
        names.add("grpc_response_status");
        REQUEST_NAMES = List.copyOf(names);
    }

    private final Stats stats;
    private final Counter overflow;
    private final Map<MeshLabels, RequestMetrics> requests = new ConcurrentHashMap<>();
    private final Map<MeshLabels, TcpMetrics> tcp = new ConcurrentHashMap<>();

    public MeshMetrics(Stats stats) {
        this.stats = stats;
        this.overflow = stats.counter(
                "lateen_stats_overflow_total",
                "Label sets counted as overflow because the series budget was used up.",
                List.of(),
                List.of());
    }

    /** The metrics of requests with these labels; keep it with the route, cluster or connection. */
    public RequestMetrics requests(MeshLabels labels) {
        RequestMetrics known = requests.get(labels);
        return known != null
                ? known
                : requests.computeIfAbsent(bounded(labels, requests), l -> new RequestMetrics(this, l));
    }

    /** The metrics of TCP connections with these labels. */
    public TcpMetrics tcp(MeshLabels labels) {
        TcpMetrics known = tcp.get(labels);
        return known != null ? known : tcp.computeIfAbsent(bounded(labels, tcp), this::makeTcp);
    }

    /** Peers bring their own labels: the maps keyed by them are bounded by the budget as well. */
    private MeshLabels bounded(MeshLabels labels, Map<MeshLabels, ?> known) {
        if (known.containsKey(labels) || stats.tryReserve(SERIES_OF_TCP)) {
            return labels;
        }
        overflow.increment();
        return labels.overflow();
    }

    private TcpMetrics makeTcp(MeshLabels labels) {
        List<String> values = labels.values("tcp", "-");
        return new TcpMetrics(
                tcp("opened", "istio_tcp_connections_opened_total", values),
                tcp("closed", "istio_tcp_connections_closed_total", values),
                tcp("sent", "istio_tcp_sent_bytes_total", values),
                tcp("received", "istio_tcp_received_bytes_total", values));
    }

    private Counter tcp(String what, String name, List<String> values) {
        return stats.counter(name, "TCP connections or bytes " + what + ".", MeshLabels.NAMES, values);
    }

    /** Takes the parts of an outcome. */
    interface OutcomeMaker<T> {
        T make(Counter requests, Histogram duration, Histogram requestBytes, Histogram responseBytes);
    }

    <T> T outcome(
            MeshLabels labels, String protocol, String flags, String code, String grpcStatus, OutcomeMaker<T> maker) {
        boolean room = stats.tryReserve(SERIES_OF_OUTCOME);
        if (!room) {
            overflow.increment();
        }
        List<String> values = (room ? labels : labels.overflow()).values(protocol, flags);
        values.add(code);
        values.add(grpcStatus);
        return maker.make(
                stats.counter("istio_requests_total", "Requests that ended.", REQUEST_NAMES, values),
                stats.histogram("istio_request_duration_milliseconds", "Duration of requests.", REQUEST_NAMES, values),
                stats.histogram("istio_request_bytes", "Bytes of request bodies.", REQUEST_NAMES, values),
                stats.histogram("istio_response_bytes", "Bytes of response bodies.", REQUEST_NAMES, values));
    }
}
