package lateen.decision.match;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import lateen.decision.TestRequest;
import lateen.decision.config.HeaderMatcher;
import lateen.decision.config.HeaderMatcher.Test.Present;
import lateen.decision.config.HeaderMatcher.Test.Range;
import lateen.decision.config.HeaderMatcher.Test.Value;
import lateen.decision.config.StringMatcher;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeaderMatchTest {

    private static final Value EMPTY = new Value(new StringMatcher.Regex("^$"));

    private static boolean matches(String name, HeaderMatcher.Test test, boolean invert, boolean absentIsEmpty) {
        TestRequest request = TestRequest.of("POST", "shop:80", "/a?b=c")
                .with("X-N", "7")
                .with("x-two", "a")
                .with("X-Two", "b");
        return HeaderMatch.compile(new HeaderMatcher(name, test, invert, absentIsEmpty))
                .matches(request);
    }

    private static Value exact(String value) {
        return new Value(new StringMatcher.Exact(value, false));
    }

    @Test
    void pseudoHeadersNameThePartsOfTheRequest() {
        assertThat(matches(":method", exact("POST"), false, false)).isTrue();
        assertThat(matches(":path", exact("/a?b=c"), false, false)).isTrue();
        assertThat(matches(":authority", exact("shop:80"), false, false)).isTrue();
        assertThat(matches("host", exact("shop:80"), false, false)).isTrue();
        assertThat(matches(":scheme", exact("http"), false, false)).isTrue();
        assertThatThrownBy(() -> matches(":status", exact("1"), false, false)).hasMessageContaining("':status'");
    }

    @Test
    void repeatedHeadersAreJoinedByCommas() {
        assertThat(matches("x-two", exact("a,b"), false, false)).isTrue();
        assertThat(matches("x-two", exact("a"), false, false)).isFalse();
    }

    @Test
    void presenceIsAskedAndTurnedRound() {
        assertThat(matches("x-n", new Present(true), false, false)).isTrue();
        assertThat(matches("x-n", new Present(false), false, false)).isFalse();
        assertThat(matches("x-none", new Present(true), false, false)).isFalse();
        assertThat(matches("x-none", new Present(true), true, false)).isTrue();
        assertThat(matches("x-none", new Present(false), false, false)).isTrue();
    }

    @Test
    void anAbsentHeaderFailsEveryTestOfItsValueUnlessTakenForEmpty() {
        assertThat(matches("x-none", exact("a"), false, false)).isFalse();
        assertThat(matches("x-none", exact("a"), true, false)).isFalse();
        assertThat(matches("x-none", new Range(0, 10), true, false)).isFalse();
        assertThat(matches("x-none", EMPTY, false, false)).isFalse();
        assertThat(matches("x-none", EMPTY, false, true)).isTrue();
        assertThat(matches("x-none", new Range(0, 10), true, true)).isTrue();
        assertThat(matches("x-n", exact("a"), true, false)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "-1,-10,0,true",
        "0,-10,0,false",
        "-10,-10,0,true",
        "+5,0,10,true",
        "5x,0,10,false",
        "'',0,10,false",
        "-,-9,10,false",
        "1.0,0,10,false",
        "' 1',0,10,false",
        "007,7,8,true",
        "9223372036854775806,0,9223372036854775807,true",
        "9223372036854775808,-9223372036854775808,0,false",
        "-9223372036854775808,-9223372036854775808,0,true",
        "-9223372036854775809,-9223372036854775808,0,false",
        "18446744073709551617,0,10,false"
    })
    void aRangeHoldsWholeDecimalIntegers(String value, long first, long end, boolean expected) {
        TestRequest request = TestRequest.get("a", "/").with("n", value);
        assertThat(HeaderMatch.compile(new HeaderMatcher("n", new Range(first, end), false, false))
                        .matches(request))
                .isEqualTo(expected);
    }

    @Test
    void aSecretIsNotShown() {
        TestRequest request = TestRequest.get("a", "/").with("Authorization", "Bearer s3cret");
        assertThat(HeaderMatch.compile(new HeaderMatcher("authorization", exact("x"), false, false))
                        .seen(request))
                .doesNotContain("s3cret");
    }
}
