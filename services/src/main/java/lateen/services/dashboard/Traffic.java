package lateen.services.dashboard;

import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import lateen.services.dashboard.MeshGraph.Requests;
import lateen.services.dashboard.MeshGraph.Security;
import lateen.services.dashboard.MeshGraph.Tcp;
import org.jspecify.annotations.Nullable;

/** Adds up the series of one edge as one side reports them. Not for use by several threads. */
final class Traffic {
    final SortedSet<String> sourceIdentities = new TreeSet<>();
    final SortedSet<String> destinationIdentities = new TreeSet<>();
    final SortedSet<String> services = new TreeSet<>();
    final SortedSet<String> protocols = new TreeSet<>();
    private final SortedSet<String> policies = new TreeSet<>();
    private final Buckets durations = new Buckets();
    private boolean http;
    private boolean tcp;
    private double requests;
    private double perSecond;
    private double refused;
    private double failed;
    private double opened;
    private double closed;
    private double openedPerSecond;
    private double sent;
    private double received;

    /** @param rate a second; 0 while there is one reading only */
    void add(Sample series, double rate) {
        identify(series);
        double total = series.value();
        switch (series.name()) {
            case Reading.REQUESTS -> {
                http = true;
                requests += total;
                perSecond += rate;
                if (isFailure(series)) {
                    failed += rate;
                } else if (series.label("response_code").startsWith("4")) {
                    refused += rate;
                }
            }
            case Reading.DURATION -> {
                String bound = series.label("le");
                durations.add(bound.equals("+Inf") ? Double.POSITIVE_INFINITY : number(bound), rate);
            }
            case Reading.OPENED -> {
                tcp = true;
                opened += total;
                openedPerSecond += rate;
            }
            case Reading.CLOSED -> closed += total;
            case Reading.SENT -> sent += rate;
            case Reading.RECEIVED -> received += rate;
            default -> {}
        }
    }

    private void identify(Sample series) {
        keep(sourceIdentities, series.label("source_principal"));
        keep(destinationIdentities, series.label("destination_principal"));
        keep(services, series.label("destination_service"));
        keep(protocols, series.label("request_protocol"));
        keep(policies, series.label("connection_security_policy"));
    }

    private static void keep(Set<String> all, String value) {
        if (!value.isEmpty()) {
            all.add(value);
        }
    }

    private static double number(String bound) {
        try {
            return Double.parseDouble(bound);
        } catch (NumberFormatException e) {
            return Double.POSITIVE_INFINITY;
        }
    }

    private static boolean isFailure(Sample series) {
        String code = series.label("response_code");
        String grpc = series.label("grpc_response_status");
        return code.startsWith("5") || code.equals("0") || !(grpc.isEmpty() || grpc.equals("0"));
    }

    /** What this side says of the connection; a source says it only by the identities it saw. */
    Security security() {
        boolean mutual = policies.contains("mutual_tls");
        boolean plain = policies.contains("none");
        if (mutual && plain) {
            return Security.MIXED;
        }
        if (plain) {
            return Security.PLAINTEXT;
        }
        boolean bothShown = !sourceIdentities.isEmpty() && !destinationIdentities.isEmpty();
        return mutual || bothShown ? Security.MUTUAL_TLS : Security.UNKNOWN;
    }

    @Nullable
    Requests requests() {
        return http
                ? new Requests(requests, perSecond, refused, failed, durations.quantile(0.5), durations.quantile(0.99))
                : null;
    }

    @Nullable
    Tcp tcp() {
        return tcp ? new Tcp(opened, Math.max(0, opened - closed), openedPerSecond, sent, received) : null;
    }

    /** The reports of both sides, by reporter. */
    static Traffic of(Map<String, Traffic> reports, String preferred, String other) {
        Traffic first = reports.get(preferred);
        Traffic second = reports.get(other);
        return first != null ? first : second != null ? second : new Traffic();
    }
}
