package lateen.decision.match;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import lateen.decision.config.StringMatcher;
import lateen.decision.request.ByteSlice;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextMatchTest {

    @ParameterizedTest
    @CsvSource({
        "exact,false,abc,abc,true",
        "exact,false,abc,ABC,false",
        "exact,true,aBc,AbC,true",
        "exact,false,abc,abcd,false",
        "exact,true,a@,a`,false",
        "prefix,false,/a,/ab,true",
        "prefix,false,/a,/,false",
        "prefix,true,/A,/ab,true",
        "suffix,false,.x,a.x,true",
        "suffix,false,.x,x,false",
        "suffix,true,.X,a.x,true",
        "contains,false,bc,abcd,true",
        "contains,false,bd,abcd,false",
        "contains,true,BC,abcd,true",
        "regex,false,a+,aaa,true",
        "regex,false,a+,aab,false",
        "regex,false,a|ab,ab,true",
        "regex,false,(?i)a,A,true",
    })
    void bytesAndTextAreMatchedAlike(String kind, boolean fold, String value, String input, boolean expected) {
        TextMatch match = TextMatch.compile(matcher(kind, fold, value));
        assertThat(match.matches(input)).isEqualTo(expected);
        String padded = "<<" + input + ">>";
        ByteSlice slice = ByteSlice.of(padded);
        slice.set(slice.array(), 2, 2 + input.length());
        assertThat(match.matches(slice)).isEqualTo(expected);
    }

    private static StringMatcher matcher(String kind, boolean fold, String value) {
        return switch (kind) {
            case "exact" -> new StringMatcher.Exact(value, fold);
            case "prefix" -> new StringMatcher.Prefix(value, fold);
            case "suffix" -> new StringMatcher.Suffix(value, fold);
            case "contains" -> new StringMatcher.Contains(value, fold);
            case "regex" -> new StringMatcher.Regex(value);
            default -> throw new IllegalArgumentException(kind);
        };
    }

    @Test
    void bytesAreComparedAsUtf8() {
        byte[] wire = "grün".getBytes(StandardCharsets.UTF_8);
        assertThat(TextMatch.compile(new StringMatcher.Exact("grün", false)).matches(wire, 0, wire.length))
                .isTrue();
        assertThat(TextMatch.compile(new StringMatcher.Regex("gr.n")).matches(wire, 0, wire.length))
                .isTrue();
    }

    @Test
    void aBrokenPatternIsNamed() {
        assertThatThrownBy(() -> TextMatch.compile(new StringMatcher.Regex("a(")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'a('")
                .hasMessageContaining("expected: RE2 syntax");
    }
}
