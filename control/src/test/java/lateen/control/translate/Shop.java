package lateen.control.translate;

import java.util.List;
import java.util.Map;
import lateen.control.registry.Load;
import lateen.control.registry.MeshSnapshot;
import lateen.decision.net.IpAddress;

/** A mesh of two services, catalog (HTTP and TCP, one workload) and ratings (HTTP), and what one of its proxies gets. */
public final class Shop {

    public static final String MESH = """
            apiVersion: v1
            kind: Service
            metadata: {name: catalog, namespace: shop}
            spec:
              clusterIPs: [10.33.1.7, "fd33:0:0:1::7"]
              selector: {app: catalog}
              ports:
                - {name: http, port: 80, targetPort: 8080}
                - {name: tcp-chain, port: 9000}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: ratings, namespace: other}
            spec: {clusterIP: 10.33.1.9, ports: [{name: http, port: 80}]}
            ---
            apiVersion: networking.istio.io/v1
            kind: WorkloadEntry
            metadata:
              name: catalog-1
              namespace: shop
              annotations: {networking.lateen/additional-addresses: "fd33::4"}
            spec:
              address: 10.33.0.4
              serviceAccount: catalog
              labels: {app: catalog, security.istio.io/tlsMode: istio}
            """;

    static final ProxyFacts CATALOG =
            new ProxyFacts("shop", "catalog", Map.of(), List.of(IpAddress.parse("10.33.0.4")), "1.27.0");

    private Shop() {}

    public static String mtls(String mode) {
        return """
            ---
            apiVersion: security.istio.io/v1
            kind: PeerAuthentication
            metadata: {name: all, namespace: shop}
            spec: {mtls: {mode: %s}}
            """.formatted(mode);
    }

    public static String policy(String name, String spec) {
        return """
            ---
            apiVersion: security.istio.io/v1
            kind: AuthorizationPolicy
            metadata: {name: %s, namespace: shop}
            spec: {%s}
            """.formatted(name, spec);
    }

    static TranslationInput catalog(String yaml) {
        MeshSnapshot mesh = Load.mesh(yaml);
        return TranslationInput.of(CATALOG, mesh);
    }
}
