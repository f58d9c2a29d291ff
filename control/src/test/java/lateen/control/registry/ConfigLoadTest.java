package lateen.control.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import lateen.control.source.ConfigDocument;
import lateen.control.source.SourceFile;
import org.junit.jupiter.api.Test;

class ConfigLoadTest {

    private static final String A = service("a");
    private static final String B = service("b");

    @Test
    void one_bad_object_is_refused_alone_and_its_last_good_version_stays() {
        ConfigLoad first = load(List.of(), file("x.yaml", A + B));
        ConfigLoad next = load(first.inForce(), file("x.yaml", A.replace("port: 80", "port: 0") + B + service("c")));
        assertThat(next.errors()).singleElement().asString().startsWith("x.yaml:5: spec.ports[0].port: 0");
        assertThat(hosts(next)).containsExactly("a", "b", "c");
        assertThat(next.snapshot()
                        .services()
                        .firstEntry()
                        .getValue()
                        .ports()
                        .getFirst()
                        .port())
                .isEqualTo(80);
        assertThat(next.kept()).extracting(ConfigDocument::id).containsExactly("Service default/a");
    }

    @Test
    void a_bad_object_that_never_was_good_is_left_out() {
        ConfigLoad load = load(List.of(), file("x.yaml", A.replace("port: 80", "port: 0") + B));
        assertThat(hosts(load)).containsExactly("b");
        assertThat(load.kept()).isEmpty();
    }

    @Test
    void a_file_that_is_not_yaml_keeps_what_it_held_and_other_files_go_on() {
        ConfigLoad first = load(List.of(), file("x.yaml", A), file("y.yaml", B));
        ConfigLoad next = load(first.inForce(), file("x.yaml", "a: ["), file("y.yaml", service("c")));
        assertThat(hosts(next)).containsExactly("a", "c");
        assertThat(load(next.inForce(), file("y.yaml", service("c"))).snapshot().services())
                .hasSize(1);
    }

    @Test
    void an_object_renamed_and_broken_at_once_does_not_take_the_earlier_one_away() {
        ConfigLoad first = load(List.of(), file("x.yaml", A + B));
        ConfigLoad next = load(first.inForce(), file("x.yaml", service("z").replace("port: 80", "port: x") + B));
        assertThat(hosts(next)).containsExactly("a", "b");
    }

    @Test
    void an_object_that_moves_to_another_file_is_not_kept_twice() {
        ConfigLoad first = load(List.of(), file("x.yaml", A + B));
        ConfigLoad next = load(first.inForce(), file("x.yaml", "a: ["), file("y.yaml", A));
        assertThat(hosts(next)).containsExactly("a", "b");
        assertThat(next.kept()).extracting(ConfigDocument::id).containsExactly("Service default/b");
    }

    @Test
    void a_file_that_is_empty_keeps_what_it_held_until_it_is_removed() {
        ConfigLoad first = load(List.of(), file("x.yaml", A), file("y.yaml", B));
        ConfigLoad next = load(first.inForce(), file("x.yaml", ""), file("y.yaml", B));
        assertThat(hosts(next)).containsExactly("a", "b");
        assertThat(next.errors()).singleElement().asString().startsWith("x.yaml: is empty");
        assertThat(hosts(load(next.inForce(), file("y.yaml", B)))).containsExactly("b");
        assertThat(load(List.of(), file("x.yaml", "")).errors()).isEmpty();
    }

    @Test
    void a_file_that_cannot_be_read_keeps_what_it_held() {
        ConfigLoad first = load(List.of(), file("x.yaml", A));
        ConfigLoad next = load(first.inForce(), new SourceFile("x.yaml", new byte[0], "AccessDenied"));
        assertThat(hosts(next)).containsExactly("a");
        assertThat(next.errors()).singleElement().asString().isEqualTo("x.yaml: cannot be read: AccessDenied");
    }

    @Test
    void what_is_wrong_between_objects_is_laid_to_the_later_which_goes_back_to_what_it_was() {
        ConfigLoad first = load(List.of(), file("x.yaml", A + B));
        String taken = A.replace("spec: {", "spec: {clusterIP: 10.0.0.1, ");
        String also = B.replace("spec: {", "spec: {clusterIP: 10.0.0.1, ");
        ConfigLoad next = load(first.inForce(), file("x.yaml", taken + also));
        assertThat(hosts(next)).containsExactly("a", "b");
        assertThat(next.snapshot()
                        .services()
                        .firstEntry()
                        .getValue()
                        .addresses()
                        .getFirst())
                .hasToString("10.0.0.1");
        assertThat(next.kept()).extracting(ConfigDocument::id).containsExactly("Service default/b");
        assertThat(next.errors()).singleElement().asString().contains("is also that of \"default/a\"");
    }

    @Test
    void a_policy_that_is_refused_and_has_no_earlier_version_is_a_guard_that_is_missing() {
        String policy = """
                ---
                apiVersion: security.istio.io/v1
                kind: AuthorizationPolicy
                metadata: {name: none}
                spec: {action: ALLOW}
                """;
        String broken = policy.replace("ALLOW", "PERHAPS");
        assertThat(load(List.of(), file("x.yaml", A + broken)).lacksGuard()).isTrue();
        assertThat(load(List.of(), file("x.yaml", "a: [")).lacksGuard()).isTrue();
        assertThat(load(List.of(), file("x.yaml", A.replace("port: 80", "port: 0")))
                        .lacksGuard())
                .isFalse();
        ConfigLoad good = load(List.of(), file("x.yaml", A + policy));
        assertThat(load(good.inForce(), file("x.yaml", A + broken)).lacksGuard())
                .isFalse();
    }

    @Test
    void routing_that_cannot_work_is_warned_of_with_its_line() {
        String rules = """
                ---
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: one}
                spec:
                  hosts: [a]
                  gateways: [mesh, edge]
                  http:
                    - route:
                        - {destination: {host: nowhere}, weight: 1}
                        - {destination: {host: b, subset: v7}, weight: 1}
                        - {destination: {host: b, port: {number: 81}}, weight: 1}
                ---
                apiVersion: networking.istio.io/v1
                kind: VirtualService
                metadata: {name: two}
                spec: {hosts: [a], http: [{route: [{destination: {host: b}}]}]}
                """;
        assertThat(load(List.of(), file("x.yaml", A + B + rules)).warnings())
                .extracting(Object::toString)
                .satisfiesExactlyInAnyOrder(
                        w -> assertThat(w).startsWith("x.yaml:17: spec.gateways[1]: \"edge\" has no effect"),
                        w -> assertThat(w)
                                .startsWith("x.yaml:20: ")
                                .contains("\"nowhere.default.svc.cluster.local\" is no"),
                        w -> assertThat(w).startsWith("x.yaml:21: ").contains("\"v7\" is in no DestinationRule"),
                        w -> assertThat(w).startsWith("x.yaml:22: ").contains("81 is no port of b.default"),
                        w -> assertThat(w).contains("has no effect: VirtualService \"default/one\" (x.yaml:12)"));
    }

    private static List<String> hosts(ConfigLoad load) {
        List<String> names = new ArrayList<>();
        load.snapshot().services().values().forEach(s -> names.add(s.name()));
        return names;
    }

    private static ConfigLoad load(List<ConfigDocument> before, SourceFile... files) {
        return ConfigLoad.of(List.of(files), MeshSettings.defaults("cluster.local"), AddressPool.DEFAULT, before);
    }

    private static SourceFile file(String name, String text) {
        return new SourceFile(name, text.getBytes(StandardCharsets.UTF_8));
    }

    private static String service(String name) {
        return """
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: %s}
                spec: {ports: [{name: http, port: 80}]}
                """.formatted(name);
    }
}
