package lateen.control.registry;

import static lateen.control.registry.Load.load;
import static lateen.control.registry.Load.mesh;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import lateen.control.source.PeerAuthentication.Mode;
import lateen.control.source.Problem;
import lateen.decision.net.Cidr;
import lateen.decision.net.IpAddress;
import org.junit.jupiter.api.Test;

class MeshBuilderTest {

    private static final String CATALOG = """
            apiVersion: v1
            kind: Service
            metadata: {name: catalog, namespace: shop}
            spec:
              selector: {app: catalog}
              ports:
                - {name: http, port: 80, targetPort: 8080}
                - {name: tcp-chain, port: 9000, targetPort: chain}
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
              ports: {chain: 9001}
            """;

    private static String service(String name) {
        return """
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: %s}
            spec: {ports: [{name: http, port: 80}]}
            """.formatted(name);
    }

    private static String mtls(String namespace, String name, String rest) {
        return """
            ---
            apiVersion: security.istio.io/v1
            kind: PeerAuthentication
            metadata: {name: %s, namespace: %s}
            spec: {%s}
            """.formatted(name, namespace, rest);
    }

    @Test
    void a_service_finds_its_workloads_by_selector_and_their_ports_by_number_or_name() {
        Service catalog = mesh(CATALOG).services().get("catalog.shop.svc.cluster.local");
        assertThat(catalog.ports()).extracting(Service.Port::protocol).containsExactly(Protocol.HTTP, Protocol.TCP);
        assertThat(catalog.ports().stream()
                        .map(p -> p.endpoints().getFirst().port())
                        .toList())
                .containsExactly(8080, 9001);
        assertThat(catalog.accounts()).containsExactly("shop/catalog");
        Workload workload = catalog.workloads().getFirst();
        assertThat(workload.inMesh()).isTrue();
        assertThat(workload.addresses()).hasToString("[10.33.0.4, fd33:0:0:0:0:0:0:4]");
    }

    @Test
    void a_workload_without_the_named_port_gets_no_traffic_there_and_a_warning() {
        String yaml = CATALOG.replace("  ports: {chain: 9001}", "");
        assertThat(mesh(yaml)
                        .services()
                        .values()
                        .iterator()
                        .next()
                        .ports()
                        .get(1)
                        .endpoints())
                .isEmpty();
        assertThat(warnings(yaml)).anyMatch(w -> w.contains("has no \"chain\""));
    }

    @Test
    void a_virtual_address_stays_with_its_name_whatever_else_comes_and_goes() {
        MeshSnapshot alone = mesh(service("a"));
        MeshSnapshot more = mesh(service("b") + service("a") + service("c"));
        assertThat(addresses(alone, "a")).isEqualTo(addresses(more, "a")).hasSize(2);
        assertThat(addresses(more, "a").getFirst()).matches(Cidr.parse("10.33.1.0/24")::contains);
        assertThat(addresses(more, "a").getLast()).matches(Cidr.parse("fd33:0:0:1::/64")::contains);
    }

    @Test
    void a_name_that_wants_a_taken_place_gets_another_and_the_first_keeps_its_own() {
        AddressPool tiny = new AddressPool(Cidr.parse("10.9.0.0/29"), Cidr.parse("fd09::/64"), Map.of());
        MeshSnapshot first = accepted(load(service("z") + service("y"), tiny));
        String all = service("a") + service("b") + service("c") + service("d") + service("y") + service("z");
        MeshSnapshot then = accepted(load(all, tiny.remembering(first)));
        assertThat(addresses(then, "z")).isEqualTo(addresses(first, "z"));
        assertThat(addresses(then, "y")).isEqualTo(addresses(first, "y"));
        assertThat(then.services().values().stream().map(s -> s.addresses().getFirst()))
                .hasSize(6)
                .doesNotHaveDuplicates();
        assertThat(refused(load(all + service("e"), tiny))).contains("7 Services want an address of 10.9.0.0/29");
    }

    @Test
    void one_cluster_ip_for_two_services_is_refused_naming_both() {
        String a = service("a").replace("spec: {", "spec: {clusterIP: 10.0.0.1, ");
        assertThat(refused(load(a + a.replace("name: a", "name: b"))))
                .contains("mesh.yaml:10: spec.clusterIP: 10.0.0.1 is also that of \"default/a\" (mesh.yaml:5)");
    }

    @Test
    void a_port_whose_name_tells_nothing_is_tcp_with_a_warning() {
        String yaml = service("a").replace("name: http", "name: web");
        assertThat(mesh(yaml)
                        .services()
                        .values()
                        .iterator()
                        .next()
                        .ports()
                        .getFirst()
                        .protocol())
                .isEqualTo(Protocol.TCP);
        assertThat(warnings(yaml)).singleElement().asString().startsWith("mesh.yaml:5: spec.ports[0].name: \"web\"");
    }

    @Test
    void the_narrowest_peer_authentication_holds_and_unset_asks_the_wider() {
        String yaml = mtls("istio-system", "mesh", "mtls: {mode: STRICT}")
                + mtls("shop", "ns", "mtls: {mode: DISABLE}")
                + mtls("bank", "ns", "mtls: {mode: UNSET}")
                + mtls("shop", "one", "selector: {matchLabels: {app: a}}, portLevelMtls: {81: {mode: STRICT}}")
                + mtls("bank", "one", "selector: {matchLabels: {app: a}}, mtls: {mode: PERMISSIVE}");
        Policies policies = mesh(yaml).policies();
        assertThat(policies.mtls("else", Map.of()).mode()).isEqualTo(Mode.STRICT);
        assertThat(policies.mtls("shop", Map.of()).mode()).isEqualTo(Mode.DISABLE);
        assertThat(policies.mtls("shop", Map.of("app", "a")).on(80)).isEqualTo(Mode.DISABLE);
        assertThat(policies.mtls("shop", Map.of("app", "a")).on(81)).isEqualTo(Mode.STRICT);
        assertThat(policies.mtls("bank", Map.of()).mode()).isEqualTo(Mode.STRICT);
        assertThat(policies.mtls("bank", Map.of("app", "a")).mode()).isEqualTo(Mode.PERMISSIVE);
        assertThat(mesh(service("a")).policies().mtls("x", Map.of()).mode()).isEqualTo(Mode.PERMISSIVE);
    }

    @Test
    void of_two_policies_for_the_same_scope_the_oldest_holds_with_a_warning() {
        String yaml = mtls("shop", "a", "mtls: {mode: DISABLE}")
                        .replace("{name: a", "{creationTimestamp: \"2026-02-01T00:00:00Z\", name: a")
                + mtls("shop", "b", "mtls: {mode: STRICT}")
                        .replace("{name: b", "{creationTimestamp: \"2026-01-01T00:00:00Z\", name: b");
        assertThat(mesh(yaml).policies().mtls("shop", Map.of()).mode()).isEqualTo(Mode.STRICT);
        assertThat(warnings(yaml)).singleElement().asString().contains("\"shop/a\" has no effect");
    }

    @Test
    void an_http_rule_for_a_tcp_port_is_warned_of_with_its_line() {
        String yaml = CATALOG + """
                ---
                apiVersion: security.istio.io/v1
                kind: AuthorizationPolicy
                metadata: {name: get-only, namespace: shop}
                spec:
                  rules:
                    - to: [{operation: {methods: [GET]}}]
                """;
        assertThat(warnings(yaml))
                .singleElement()
                .asString()
                .contains("port 9000")
                .contains("never allows");
    }

    private static List<IpAddress> addresses(MeshSnapshot mesh, String name) {
        return mesh.services().get(name + ".default.svc.cluster.local").addresses();
    }

    private static MeshSnapshot accepted(ConfigLoad load) {
        assertThat(load.errors()).isEmpty();
        return load.snapshot();
    }

    private static String refused(ConfigLoad load) {
        return load.errors().toString();
    }

    private static List<String> warnings(String yaml) {
        return load(yaml).warnings().stream().map(Problem::toString).toList();
    }
}
