package lateen.control.source;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Istio: {@code TrafficPolicy}. A part that is null is as the wider policy, or the mesh, has it.
 *
 * @param ports in place of the rest, by the service's port; what one leaves out is the mesh's own, not the policy's
 */
public record TrafficPolicy(
        @Nullable ConnectionPool pool,
        @Nullable LoadBalancer balancer,
        @Nullable OutlierDetection outliers,
        @Nullable ClientTls tls,
        Map<Integer, TrafficPolicy> ports) {

    public static final TrafficPolicy NONE = new TrafficPolicy(null, null, null, null, Map.of());

    public TrafficPolicy {
        ports = Map.copyOf(ports);
    }

    /** Istio: {@code LoadBalancerSettings.SimpleLB}. */
    public enum LoadBalancer {
        ROUND_ROBIN,
        LEAST_REQUEST,
        RANDOM,
        PASSTHROUGH
    }

    /** Istio: {@code ClientTLSSettings}, of modes that the sidecar can do. */
    public sealed interface ClientTls {
        record Plaintext() implements ClientTls {}

        /**
         * @param sni null: the cluster's own
         * @param names of the peer that are taken; empty: those of the service
         */
        record MeshMutual(@Nullable String sni, List<String> names) implements ClientTls {
            public MeshMutual {
                names = List.copyOf(names);
            }
        }
    }

    static @Nullable TrafficPolicy readOrNull(FieldReader parent) {
        FieldReader in = parent.child("trafficPolicy");
        if (in == null) {
            return null;
        }
        Map<Integer, TrafficPolicy> ports = new HashMap<>();
        for (OfPort each : in.list("portLevelSettings", TrafficPolicy::ofPort)) {
            if (ports.put(each.port, each.policy) != null) {
                in.problems()
                        .error(
                                in.origin("portLevelSettings"),
                                in.path("portLevelSettings"),
                                "port " + each.port + " is there twice (expected: once)");
            }
        }
        TrafficPolicy policy = parts(in, ports);
        in.unsupported("tunnel", "proxyProtocol", "retryBudget");
        in.end();
        return policy;
    }

    private record OfPort(int port, TrafficPolicy policy) {}

    private static OfPort ofPort(FieldReader in) {
        FieldReader port = in.childOrEmpty("port");
        Integer number = port.integerOrNull("number", 1, 65535);
        if (number == null) {
            port.missing("number", "a number, 1..65535");
        }
        port.end();
        TrafficPolicy policy = parts(in, Map.of());
        in.end();
        return new OfPort(number == null ? 0 : number, policy);
    }

    private static TrafficPolicy parts(FieldReader in, Map<Integer, TrafficPolicy> ports) {
        return new TrafficPolicy(
                ConnectionPool.readOrNull(in),
                balancer(in),
                OutlierDetection.readOrNull(in),
                tls(in.child("tls")),
                ports);
    }

    private static @Nullable LoadBalancer balancer(FieldReader parent) {
        FieldReader in = parent.child("loadBalancer");
        if (in == null) {
            return null;
        }
        String simple = in.text(
                "simple",
                TextRule.oneOf("UNSPECIFIED", "ROUND_ROBIN", "LEAST_REQUEST", "LEAST_CONN", "RANDOM", "PASSTHROUGH"),
                "UNSPECIFIED");
        in.unsupported("consistentHash", "localityLbSetting");
        in.ignored("warmupDurationSecs", "warmup");
        in.end();
        return switch (simple) {
            case "ROUND_ROBIN" -> LoadBalancer.ROUND_ROBIN;
            case "RANDOM" -> LoadBalancer.RANDOM;
            case "PASSTHROUGH" -> LoadBalancer.PASSTHROUGH;
            default -> LoadBalancer.LEAST_REQUEST;
        };
    }

    private static @Nullable ClientTls tls(@Nullable FieldReader in) {
        if (in == null) {
            return null;
        }
        String mode = in.text(
                "mode",
                new TextRule(
                        "DISABLE or ISTIO_MUTUAL; SIMPLE and MUTUAL are not supported yet",
                        s -> s.equals("DISABLE") || s.equals("ISTIO_MUTUAL")),
                "DISABLE");
        String sni = in.text("sni", TextRule.HOST);
        List<String> names = new ArrayList<>(
                in.texts("subjectAltNames", new TextRule("spiffe://…", s -> s.startsWith("spiffe://"))));
        in.unsupported("clientCertificate", "privateKey", "caCertificates", "credentialName", "caCrl");
        in.unsupported("insecureSkipVerify");
        in.end();
        if (mode.equals("DISABLE") && (sni != null || !names.isEmpty())) {
            in.problems().error(in.origin(), in.path(), "sni or subjectAltNames with DISABLE (expected: a TLS mode)");
        }
        return mode.equals("DISABLE") ? new ClientTls.Plaintext() : new ClientTls.MeshMutual(sni, names);
    }
}
