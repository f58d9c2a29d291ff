package lateen.services.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrometheusTextTest {

    private static List<Sample> samples(String text) {
        return ((PrometheusText.Result.Samples) PrometheusText.parse(text, _ -> true)).samples();
    }

    private static String refusal(String text) {
        return ((PrometheusText.Result.Refused) PrometheusText.parse(text, _ -> true)).reason();
    }

    @Test
    void samplesCommentsAndBlankLines() {
        assertThat(samples("""
                # HELP a Something.
                # TYPE a counter

                a 1
                a:b_2{} +Inf
                  c { x = "1" , y="a\\"b\\\\c\\nd}," , } -1.5e3 1700000000000
                d{z="}"} NaN\r
                """))
                .containsExactly(
                        new Sample("a", Map.of(), 1),
                        new Sample("a:b_2", Map.of(), Double.POSITIVE_INFINITY),
                        new Sample("c", Map.of("x", "1", "y", "a\"b\\c\nd},"), -1500),
                        new Sample("d", Map.of("z", "}"), Double.NaN));
    }

    @Test
    void onlyWantedNamesAreLookedInto() {
        assertThat(PrometheusText.parse("a{broken\nb 2\n", "b"::equals))
                .isEqualTo(new PrometheusText.Result.Samples(List.of(new Sample("b", Map.of(), 2))));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "a | line 1: '' (expected: a number)",
                "9a 1 | line 1: column 1: expected the name of a metric",
                "a{ | line 1: column 3: expected }",
                "a{x | line 1: column 4: expected =",
                "a{x=\"1 | line 1: column 7: expected \"",
                "a{x=\"\\t\"} 1 | line 1: column 8: escape (expected: \\n, \\\\ or \\\")",
                "a{x=\"1\" y=\"2\"} 1 | line 1: column 9: expected , or }",
                "a{x=\"1\",x=\"2\"} 1 | line 1: label x twice",
                "a one | line 1: 'one' (expected: a number)",
                "a 0x10 | line 1: '0x10' (expected: a number)",
                "a 1d | line 1: '1d' (expected: a number)",
                "a 1 2 3 | line 1: '1 2 3' (expected: a value, and perhaps a timestamp)",
                "a 1 now | line 1: '1 now' (expected: a value, and perhaps a timestamp)",
            })
    void whatIsNoSampleIsRefusedWithItsPlace(String text, String reason) {
        assertThat(refusal(text)).isEqualTo(reason);
    }

    @Test
    void limitsHold() {
        assertThat(refusal("a{x=\"" + "y".repeat(PrometheusText.MAX_LINE) + "\"} 1"))
                .isEqualTo("line 1: longer than 65536 characters");
        assertThat(refusal("a 1\n".repeat(PrometheusText.MAX_SAMPLES + 1)))
                .isEqualTo("line 200001: more than 200000 samples");
        assertThat(refusal("#".repeat(PrometheusText.MAX_LENGTH + 1))).isEqualTo("longer than 33554432 characters");
    }

    @Property
    void whatIsWrittenIsReadBack(@ForAll("labels") Map<String, String> labels, @ForAll double value) {
        String text = new Figures().line("a_total", labels, value).text();
        String written = Double.isInfinite(value) ? text.replace("Infinity", "Inf") : text;

        assertThat(samples(written)).containsExactly(new Sample("a_total", labels, value));
    }

    /** Whatever a sidecar, or somebody in its place, says. */
    @Property(tries = 5000)
    void anythingIsReadOrRefused(@ForAll("nearly") String text) {
        assertThat(PrometheusText.parse(text, _ -> true)).isNotNull();
        assertThat(Reading.of(new MetricsSource.Observation(
                        List.of(new MetricsSource.Page.Read("x", 1, "istio_requests_total" + text)), List.of())))
                .satisfies(reading ->
                        assertThat(GraphBuilder.between(reading, reading)).isNotNull());
    }

    @Provide
    Arbitrary<Map<String, String>> labels() {
        Arbitrary<String> names =
                Arbitraries.strings().withChars("abc_").ofMinLength(1).ofMaxLength(5);
        Arbitrary<String> values =
                Arbitraries.strings().withChars("a\"\\\n{},= é").ofMaxLength(10);
        return Arbitraries.maps(names, values).ofMaxSize(5);
    }

    @Provide
    Arbitrary<String> nearly() {
        return Arbitraries.strings()
                .withChars("a_{}=\",\\n1. \n\t#+-eNI\u0000é")
                .ofMaxLength(60);
    }
}
