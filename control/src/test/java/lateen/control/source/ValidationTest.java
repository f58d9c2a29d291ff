package lateen.control.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ValidationTest {

    private static final String GOOD = """
            apiVersion: v1
            kind: Service
            metadata: {name: frontend, namespace: shop}
            spec:
              clusterIP: 10.33.1.7
              selector: {app: frontend}
              ports:
                - {name: http, port: 80, targetPort: 8080}
            ---
            apiVersion: networking.istio.io/v1alpha3
            kind: WorkloadEntry
            metadata: {name: frontend-1, namespace: shop}
            spec:
              address: 10.33.0.3
              labels: {app: frontend}
              serviceAccount: frontend
              ports: {http: 8080}
            ---
            apiVersion: security.istio.io/v1
            kind: PeerAuthentication
            metadata: {name: strict, namespace: shop}
            spec:
              mtls: {mode: STRICT}
            ---
            apiVersion: security.istio.io/v1beta1
            kind: AuthorizationPolicy
            metadata: {name: only-client, namespace: shop}
            spec:
              action: ALLOW
              rules:
                - from: [{source: {principals: ["cluster.local/ns/shop/sa/client"]}}]
                  to:
                    - operation:
                        methods: ["GET"]
                        paths: ["/books*"]
            """;

    @Test
    void a_correct_file_gives_its_objects_with_their_origin() {
        Problems problems = new Problems();
        List<ConfigObject> objects = parse(GOOD, problems);
        assertThat(problems.errors()).isEmpty();
        assertThat(objects).hasSize(4);
        AuthorizationPolicy policy = (AuthorizationPolicy) objects.get(3);
        assertThat(policy.meta().origin()).isEqualTo(new Origin("shop.yaml", 25));
        assertThat(policy.meta().at("spec.rules[0].to[0].operation.paths[0]")).hasToString("shop.yaml:35");
        assertThat(policy.rules().getFirst().to().getFirst().paths().any()).containsExactly("/books*");
    }

    @ParameterizedTest(name = "{0} → {1}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            ["/books*"] | ["/a*b"] | shop.yaml:35: spec.rules[0].to[0].operation.paths[0]: "/a*b" (expected: exact, prefix* or *suffix
            ["/books*"] | ["*a*"] | paths[0]: "*a*" (expected: exact
            ["/books*"] | ["/x/{*}"] | no {templates} yet
            ["/books*"] | "/x" | shop.yaml:35: spec.rules[0].to[0].operation.paths: "/x" (expected: a list)
            ["/books*"] | [7] | operation.paths[0]: 7 (expected: exact
            ["GET"] | ["G T"] | "G T" (expected: an HTTP method
            methods: | method: | shop.yaml:34: spec.rules[0].to[0].operation.method: unknown field (expected: hosts, notHosts,
            action: ALLOW | action: AUDIT | shop.yaml:29: spec.action: "AUDIT" (expected: ALLOW, DENY or CUSTOM; AUDIT is not supported yet)
            action: ALLOW | when: [] | spec.when: unknown field
            mode: STRICT | mode: ON | spec.mtls.mode: "ON" (expected: UNSET, DISABLE, PERMISSIVE, STRICT)
            mtls: {mode: STRICT} | portLevelMtls: {80: {mode: DISABLE}} | spec.portLevelMtls: without a selector
            port: 80, | port: 0, | shop.yaml:8: spec.ports[0].port: 0 (expected: a number, 1..65535)
            port: 80, | port: eighty, | spec.ports[0].port: "eighty" (expected: a number
            port: 80, | `` | spec.ports[0].port: is missing
            name: http, port | name: HTTP, port | spec.ports[0].name: "HTTP" (expected: up to 63
            clusterIP: 10.33.1.7 | clusterIP: None | headless Services are not supported yet
            clusterIP: 10.33.1.7 | clusterIP: 10.33.1 | "10.33.1" (expected: an address
            clusterIP: 10.33.1.7 | type: LoadBalancer | spec.type: "LoadBalancer" (expected: ClusterIP)
            selector: {app: frontend} | selector: {app: 7} | spec.selector.app: 7 (expected: text; quote it
            address: 10.33.0.3 | address: here | shop.yaml:14: spec.address: "here" (expected: an IPv4 or IPv6 address)
            address: 10.33.0.3 | network: x | spec.network: is not supported yet
            {name: strict, namespace: shop} | {name: strict, namespace: Shop} | metadata.namespace: "Shop" (expected:
            {name: strict, namespace: shop} | {namespace: shop} | metadata.name: is missing
            kind: PeerAuthentication | kind: ServiceEntry | shop.yaml:20: kind: "ServiceEntry" is not supported yet (expected: AuthorizationPolicy,
            kind: PeerAuthentication | kind: Peer | shop.yaml:20: kind: "Peer" is unknown
            security.istio.io/v1beta1 | security.istio.io/v3 | apiVersion: "security.istio.io/v3" (expected: security.istio.io/v1, security.istio.io/v1beta1)
            address: 10.33.0.3 | address: [10.33.0.3 | not YAML
            mode: STRICT | mode: STRICT, mode: STRICT | mode: is there twice (first at shop.yaml:23)
            """)
    void a_fault_is_named_with_file_line_field_and_what_was_expected(String good, String bad, String expected) {
        String from = good;
        assertThat(GOOD).contains(from);
        Problems problems = new Problems();
        parse(GOOD.replaceFirst(java.util.regex.Pattern.quote(from), bad), problems);
        assertThat(problems.errors().stream().map(Problem::toString))
                .anySatisfy(p -> assertThat(p).startsWith("shop.yaml:").contains(expected));
    }

    @Test
    void the_same_host_in_two_files_is_refused_naming_both() {
        Problems problems = new Problems();
        parse(List.of(file("a.yaml", GOOD), file("b.yaml", GOOD.substring(0, GOOD.indexOf("---")))), problems);
        assertThat(problems.errors())
                .singleElement()
                .hasToString("b.yaml:3: metadata.name: host \"frontend.shop\" is there twice (first at a.yaml:3)");
    }

    @Test
    void all_problems_of_all_files_are_reported() {
        Problems problems = new Problems();
        String bad = GOOD.replace("port: 80", "port: 0").replace("mode: STRICT", "mode: ON");
        parse(List.of(file("a.yaml", bad), file("b.yaml", "kind: [")), problems);
        assertThat(problems.errors()).hasSize(3);
    }

    @Test
    void aliases_cannot_blow_up_a_file_and_depth_is_bounded() {
        StringBuilder bomb = new StringBuilder("a0: &a0 [x, x]\n");
        for (int i = 1; i < 40; i++) {
            bomb.append("a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
        }
        Problems problems = new Problems();
        parse(bomb.toString(), problems);
        parse("a: " + "[".repeat(100_000), problems);
        parse("a: &a [*a]", problems);
        assertThat(problems.errors().toString())
                .contains("aliases expanded")
                .contains("nested deeper than 64")
                .contains("*a refers to nothing above it");
    }

    private static List<ConfigObject> parse(String text, Problems problems) {
        return parse(List.of(file("shop.yaml", text)), problems);
    }

    private static List<ConfigObject> parse(List<SourceFile> files, Problems problems) {
        List<ConfigDocument> documents = ConfigParser.parse(files);
        documents.forEach(d -> d.errors().forEach(e -> problems.error(e.origin(), e.path(), e.text())));
        return documents.stream()
                .map(ConfigDocument::object)
                .filter(Objects::nonNull)
                .toList();
    }

    private static SourceFile file(String name, String text) {
        return new SourceFile(name, text.getBytes(StandardCharsets.UTF_8));
    }
}
