package lateen.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpiffeIdTest {
    @Test
    void readsTheFormThatItWrites() {
        SpiffeId id = SpiffeId.parse("spiffe://cluster.local/ns/shop/sa/frontend");
        assertThat(id).isEqualTo(new SpiffeId("cluster.local", "shop", "frontend"));
        assertThat(id).hasToString("spiffe://cluster.local/ns/shop/sa/frontend");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    ''                                            | expected: spiffe://<trust domain>
                    https://cluster.local/ns/shop/sa/frontend     | expected: spiffe://<trust domain>
                    SPIFFE://cluster.local/ns/shop/sa/frontend    | expected: spiffe://<trust domain>
                    spiffe://cluster.local/ns/shop                | "spiffe://cluster.local/ns/shop"
                    spiffe://cluster.local/ns/shop/sa/frontend/   | expected: spiffe://<trust domain>
                    spiffe://cluster.local/ns/shop/sa/a/b         | expected: spiffe://<trust domain>
                    spiffe://cluster.local/sa/frontend/ns/shop    | expected: spiffe://<trust domain>
                    spiffe:///ns/shop/sa/frontend                 | trust domain: 0 characters
                    spiffe://cluster.local/ns//sa/frontend        | namespace: 0 characters
                    spiffe://cluster.local/ns/shop/sa/            | service account: 0 characters
                    spiffe://Cluster.local/ns/shop/sa/frontend    | trust domain: "Cluster.local"
                    spiffe://cluster.local:80/ns/shop/sa/frontend | trust domain: "cluster.local:80"
                    spiffe://u@cluster.local/ns/shop/sa/frontend  | trust domain: "u@cluster.local"
                    spiffe://cluster.local/ns/../sa/frontend      | namespace: ".."
                    spiffe://cluster.local/ns/shop/sa/front%65nd  | service account: "front%65nd"
                    spiffe://cluster.local/ns/shop/sa/frontend?a  | service account: "frontend?a"
                    spiffe://cluster.local/ns/shop/sa/frontend#a  | service account: "frontend#a"
                    """)
    void refusesWhatIsNotExactlyTheForm(String text, String said) {
        assertThatThrownBy(() -> SpiffeId.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(said);
    }

    @Test
    void namesLongerThanTheirLimitAreRefusedAndNotRepeated() {
        assertThatThrownBy(() -> new SpiffeId("cluster.local", "n".repeat(64), "frontend"))
                .hasMessageContaining("namespace: 64 characters (expected: 1..63");
        assertThatThrownBy(() -> SpiffeId.parse("spiffe://" + "a".repeat(100_000)))
                .hasMessage("SPIFFE id of 100009 characters (expected: at most 600)");
    }

    @Test
    void anErrorCarriesNoControlCharacterOfItsInput() {
        assertThatThrownBy(() -> SpiffeId.parse("x\n2026 INFO forged line\u001b[2J"))
                .hasMessageContaining("\"x?2026 INFO forged line?[2J\"");
    }

    @Property
    void anyTextIsEitherReadBackUnchangedOrRefused(@ForAll("nearlyIds") String text) {
        try {
            assertThat(SpiffeId.parse(text)).hasToString(text);
        } catch (IllegalArgumentException refused) {
            assertThat(refused.getMessage()).startsWith("SPIFFE id").hasSizeLessThan(500);
        }
    }

    @Property
    void arbitraryTextNeverThrowsAnythingElse(@ForAll String text) {
        anyTextIsEitherReadBackUnchangedOrRefused(text);
        anyTextIsEitherReadBackUnchangedOrRefused("spiffe://" + text + "/ns/" + text + "/sa/" + text);
    }

    @Provide
    Arbitrary<String> nearlyIds() {
        Arbitrary<String> segment =
                Arbitraries.strings().withChars("abzAZ09.-_/%\u0000é").ofMaxLength(70);
        return Combinators.combine(segment, segment, segment)
                .as((domain, namespace, account) -> "spiffe://" + domain + "/ns/" + namespace + "/sa/" + account);
    }
}
