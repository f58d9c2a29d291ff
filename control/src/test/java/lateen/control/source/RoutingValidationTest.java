package lateen.control.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RoutingValidationTest {

    private static final String GOOD = """
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: catalog, namespace: shop}
            spec:
              hosts: [catalog]
              http:
                - match: [{uri: {prefix: /a}, headers: {x-a: {exact: b}}}]
                  timeout: 5s
                  retries: {attempts: 2, retryOn: 5xx}
                  route: [{destination: {host: catalog, subset: v1}, weight: 90}, {destination: {host: b}, weight: 10}]
            ---
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: {name: catalog, namespace: shop}
            spec:
              host: catalog
              trafficPolicy:
                loadBalancer: {simple: RANDOM}
                outlierDetection: {interval: 10s}
              subsets: [{name: v1, labels: {version: v1}}]
            """;

    @Test
    void the_correct_file_has_no_fault() {
        assertThat(errors(GOOD)).isEmpty();
    }

    @ParameterizedTest(name = "{0} → {1}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            [catalog] | [Catalog] | shop.yaml:5: spec.hosts[0]: "Catalog" (expected: a host name in lower case, *.suffix or *)
            [catalog] | [cata*log] | spec.hosts[0]: "cata*log"
            hosts: [catalog] | host: catalog | shop.yaml:5: spec.host: unknown field (expected: hosts, gateways,
            {prefix: /a} | {prefix: a} | spec.http[0].match[0].uri: "a" (expected: a path
            {prefix: /a} | {} | spec.http[0].match[0].uri: has 0 conditions (expected: one of exact, prefix, regex)
            {prefix: /a} | {exact: null} | uri: has 0 conditions
            {prefix: /a} | {prefix: /a, exact: /b} | has 2 conditions
            {prefix: /a} | {suffix: /a} | uri.suffix: unknown field (expected: exact, prefix, regex)
            {prefix: /a} | {regex: "/(a"} | shop.yaml:7: spec.http[0].match[0].uri.regex: "/(a" (expected: RE2 syntax
            x-a: | "x a": | headers.x a: "x a" (expected: a header name
            x-a: | "@request.auth.claims.a": | claims of tokens are not supported yet
            timeout: 5s | timeout: 5 | shop.yaml:8: spec.http[0].timeout: 5 (expected: text
            timeout: 5s | timeout: soon | shop.yaml:8: spec.http[0].timeout: "soon" (expected: a time as in 5s
            timeout: 5s | timeout: 99999999h | timeout: "99999999h" (expected: a time
            timeout: 5s | timeout: -1s | timeout: "-1s" (expected: a time
            timeout: 5s | fault: {abort: {}} | shop.yaml:8: spec.http[0].fault: is not supported yet
            timeout: 5s | mirror: {host: b} | shop.yaml:8: spec.http[0].mirror: is not supported yet
            timeout: 5s | delegate: {name: b} | spec.http[0].delegate: is not supported yet
            timeout: 5s | corsPolicy: {} | spec.http[0].corsPolicy: is not supported yet
            timeout: 5s | redirect: {uri: /x} | spec.http[0]: has 2 actions (expected: one of route, redirect, directResponse)
            timeout: 5s | rewrite: {uriRegexRewrite: {match: a}} | rewrite.uriRegexRewrite: is not supported yet
            timeout: 5s | rewrite: {uri: "/x HTTP/1.1\\r\\nHost: y"} | spec.http[0].rewrite.uri: "/x HTTP/1.1
            timeout: 5s | rewrite: {uri: "/a b"} | rewrite.uri: "/a b" (expected: a path, /…, without spaces
            timeout: 5s | headers: {request: {set: {x: "%REQ(a)%"}}} | headers.request.set.x: "%REQ(a)%" (expected: one line
            timeout: 5s | headers: {response: {add: {Host: a}}} | "Host" (expected: a header name)
            retryOn: 5xx | retryOn: sometimes | retries.retryOn: "sometimes" (expected: a status, 5xx,
            attempts: 2 | attempts: -2 | retries.attempts: -2 (expected: a number, 0..
            weight: 90 | weight: -90 | shop.yaml:10: spec.http[0].route[0].weight: -90 (expected: a number, 0..2147483647)
            weight: 90}, {destination: {host: b}, weight: 10} | weight: 0}, {destination: {host: b}} | spec.http[0].route: weights sum to 0
            {destination: {host: b}, weight: 10} | {weight: 10} | spec.http[0].route[1].destination: is missing
            {destination: {host: b}, weight: 10} | {destination: {host: b}, weight: 10, headers: {request: {remove: [a]}}} | route[1].headers: is not supported yet beside other destinations
            host: b} | host: b, port: {name: http}} | destination.port.number: is missing
            simple: RANDOM | simple: FAIR | shop.yaml:18: spec.trafficPolicy.loadBalancer.simple: "FAIR" (expected: UNSPECIFIED, ROUND_ROBIN,
            simple: RANDOM | consistentHash: {useSourceIp: true} | loadBalancer.consistentHash: is not supported yet
            interval: 10s | interval: 0s | outlierDetection.interval: "0s" (expected: a time as in 5s, 1m30s, 200ms, at least 1ms)
            interval: 10s | maxEjectionPercent: 101 | maxEjectionPercent: 101 (expected: a number, 0..100)
            loadBalancer: {simple: RANDOM} | tls: {mode: SIMPLE} | tls.mode: "SIMPLE" (expected: DISABLE or ISTIO_MUTUAL; SIMPLE and MUTUAL are not supported yet)
            {name: v1, labels: {version: v1}} | {name: v1}, {name: v1} | spec.subsets: "v1" is there twice
            subsets: [{name: v1, labels: {version: v1}}] | workloadSelector: {} | spec.workloadSelector: is not supported yet
            """)
    void a_fault_is_named_with_file_line_field_and_what_was_expected(String good, String bad, String expected) {
        assertThat(GOOD).contains(good);
        assertThat(errors(GOOD.replace(good, bad)))
                .anySatisfy(p -> assertThat(p).startsWith("shop.yaml:").contains(expected));
    }

    @ParameterizedTest
    @CsvSource({"1h, 3600000", "1m30s, 90000", "1.5s, 1500", "200ms, 200", "0.25s, 250", "0s, 0"})
    void times_are_in_gos_notation(String text, long millis) {
        assertThat(DurationText.parse(text)).hasMillis(millis);
    }

    @ParameterizedTest
    @CsvSource({"''", "5", "s", "-5s", "5 s", "5s5", "1e3s", "5S"})
    void other_texts_are_no_times(String text) {
        assertThat(DurationText.parse(text)).isNull();
    }

    @Test
    void a_document_kept_by_itself_has_the_same_lines_whatever_stands_before_it() {
        String before = "# \ud83d\ude00 one\r\n---\n" + GOOD;
        SourceFile file = new SourceFile("shop.yaml", before.getBytes(StandardCharsets.UTF_8));
        for (ConfigDocument document : ConfigParser.parse(List.of(file))) {
            ConfigDocument again = ConfigParser.parse(document.source());
            assertThat(again.object().meta()).isEqualTo(document.object().meta());
            assertThat(again.object().meta().at("spec").line()).isGreaterThan(3);
        }
    }

    private static List<String> errors(String text) {
        SourceFile file = new SourceFile("shop.yaml", text.getBytes(StandardCharsets.UTF_8));
        return ConfigParser.parse(List.of(file)).stream()
                .flatMap(d -> d.errors().stream())
                .map(Problem::toString)
                .toList();
    }
}
