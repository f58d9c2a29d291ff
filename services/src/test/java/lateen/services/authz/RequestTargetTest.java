package lateen.services.authz;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.Tuple.Tuple2;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestTargetTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/               | [\"\"]",
                "/books          | [\"books\"]",
                "/books/         | [\"books\",\"\"]",
                "//books//1      | [\"books\",\"\",\"1\"]",
                "//host/books    | [\"host\",\"books\"]",
                "/a%2Fb          | [\"a\",\"b\"]",
                "/%41/+          | [\"A\",\"+\"]",
                "/a/../b         | [\"a\",\"..\",\"b\"]",
                "/%c3%a9/%ff     | [\"é\",\"\uFFFD\"]",
                "*               | [\"*\"]",
                "http://h/a      | [\"http:\",\"\",\"h\",\"a\"]",
            })
    void segmentsAreDecodedThenSplit(String target, String segments) {
        assertThat(RequestBody.lists(Map.of("it", parsed(target).segments()))
                        .get("it")
                        .toString())
                .isEqualTo(segments);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/?              | {}",
                "/?a             | {\"a\":[\"\"]}",
                "/?a=            | {\"a\":[\"\"]}",
                "/?a=1&a=2&&b=3  | {\"a\":[\"1\",\"2\"],\"b\":[\"3\"]}",
                "/?a=1=2?        | {\"a\":[\"1=2?\"]}",
                "/?a+b=c%2Bd+e   | {\"a b\":[\"c+d e\"]}",
                "/?=x            | {\"\":[\"x\"]}",
                "/?a;b=1&c=2     | {\"c\":[\"2\"]}",
                "/?a=%zz&b=1     | {\"b\":[\"1\"]}",
            })
    void pairsAreDecodedAfterSplitting(String target, String query) {
        assertThat(RequestBody.lists(parsed(target).query()).toString()).isEqualTo(query);
    }

    @Property
    void whatWasEncodedIsReadBack(
            @ForAll("segments") List<String> segments, @ForAll("pairs") List<Tuple2<String, String>> pairs) {
        String path = segments.stream().map(RequestTargetTest::percent).collect(Collectors.joining("/"));
        String query = pairs.stream()
                .map(pair -> form(pair.get1()) + "=" + form(pair.get2()))
                .collect(Collectors.joining("&"));
        Map<String, List<String>> expected = new LinkedHashMap<>();
        pairs.forEach(pair ->
                expected.computeIfAbsent(pair.get1(), _ -> new ArrayList<>()).add(pair.get2()));

        RequestTarget target = parsed("/" + path + "?" + query);

        assertThat(target.segments()).isEqualTo(segments);
        assertThat(target.query()).isEqualTo(expected);
    }

    /** Nothing that a client sends makes this throw, and a path is never empty. */
    @Property
    void anythingIsParsedOrRefused(@ForAll("targets") String target) {
        switch (RequestTarget.parse(target)) {
            case RequestTarget.Result.Parsed(RequestTarget it) ->
                assertThat(it.segments()).isNotEmpty();
            case RequestTarget.Result.Refused(String reason) ->
                assertThat(reason).isNotEmpty();
        }
    }

    @Provide
    Arbitrary<List<String>> segments() {
        Arbitrary<String> first = text().ofMinLength(1);
        return first.flatMap(one -> text().list().ofMaxSize(4).map(more -> {
            List<String> all = new ArrayList<>(List.of(one));
            all.addAll(more);
            return all;
        }));
    }

    @Provide
    Arbitrary<List<Tuple2<String, String>>> pairs() {
        Arbitrary<Tuple2<String, String>> pair = text().flatMap(name -> text().map(value -> Tuple.of(name, value)));
        return pair.list().ofMaxSize(5);
    }

    @Provide
    Arbitrary<String> targets() {
        return Arbitraries.strings().withChars("/a%2fF?&=;#+é\u0000 ").ofMaxLength(30);
    }

    private static net.jqwik.api.arbitraries.StringArbitrary text() {
        return Arbitraries.strings().withChars("ab%&=;#?+ é漢\u0001").ofMaxLength(8);
    }

    private static RequestTarget parsed(String target) {
        return ((RequestTarget.Result.Parsed) RequestTarget.parse(target)).target();
    }

    private static String form(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String percent(String text) {
        return form(text).replace("+", "%20");
    }
}
