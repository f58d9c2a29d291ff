package lateen.capture.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** JSON is read as RFC 8259 has it, and nothing else is. */
class JsonTest {
    @Test
    void every_form_is_read() throws Exception {
        Json.Value value =
                Json.parse(" {\"a\": [1, -2.5e+3, \"x\\u0041\\n\\\"\", true, false, null], \"b\": {}, \"c\": []} ");
        assertThat(value.get("a").orElseThrow().elements())
                .containsExactly(
                        new Json.Num("1"),
                        new Json.Num("-2.5e+3"),
                        new Json.Str("xA\n\""),
                        new Json.Bool(true),
                        new Json.Bool(false),
                        new Json.Null());
        assertThat(value.get("b").orElseThrow()).isInstanceOf(Json.Obj.class);
        assertThat(value.get("c").orElseThrow().elements()).isEmpty();
        assertThat(value.get("d")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", " ", "{", "[", "[1,]", "[1 2]", "{\"a\"}", "{\"a\":1,}", "{a:1}", "{\"a\":1,\"a\":2}", "01", "-",
                        "1.",
                ".5", "1e", "+1", "tru", "nul", "\"", "\"\\x\"", "\"\\u12g4\"", "\"\t\"", "[] []", "'a'", "NaN", "//"
            })
    void nothing_else_is(String text) {
        assertThatThrownBy(() -> Json.parse(text))
                .isInstanceOf(RuleFormatException.class)
                .hasMessageContaining("expected: ");
    }

    @Test
    void depth_has_a_limit() throws Exception {
        Json.parse("[".repeat(60) + "]".repeat(60));
        assertThatThrownBy(() -> Json.parse("[".repeat(100_000))).hasMessageContaining("at most 64 levels");
    }

    @Property(tries = 3000)
    void any_text_is_read_or_refused(@ForAll("texts") String text) {
        try {
            Json.parse(text);
        } catch (RuleFormatException e) {
            assertThat(e).hasMessageStartingWith("JSON");
        }
    }

    @Property(tries = 3000)
    void any_listing_is_read_or_refused_and_walked(@ForAll("listings") List<String> parts) {
        try {
            NftListing.parse(
                    "{\"nftables\": [" + String.join(",", parts) + "]}", "table inet t {\n\t\tx # handle 1\n}");
        } catch (RuleFormatException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.of(
                        "{", "}", "[", "]", ",", ":", "\"", "a", "1", "-", ".", "e", "\\", "u0", "null", "true", " ",
                        "\0", "\ud800")
                .list()
                .ofMaxSize(12)
                .map(parts -> String.join("", parts));
    }

    @Provide
    Arbitrary<List<String>> listings() {
        Arbitrary<String> value = Arbitraries.of(
                "1",
                "\"tcp\"",
                "\"10.0.0.1\"",
                "null",
                "[1,2]",
                "{\"set\": [80, {\"range\": [1, 2]}]}",
                "\"@s\"",
                "{\"set\": 5}",
                "{\"prefix\": {\"addr\": \"10.0.0.0\", \"len\": 8}}",
                "{\"prefix\": {\"addr\": \"::\", \"len\": 999}}",
                "-1",
                "{\"range\": [2, 1]}",
                "{\"range\": []}",
                "99999999999999999999",
                "{\"meta\": {\"key\": \"mark\"}}",
                "{\"|\": [1]}");
        Arbitrary<String> left = Arbitraries.of(
                "{\"meta\": {\"key\": \"l4proto\"}}",
                "{\"meta\": {\"key\": \"iifname\"}}",
                "{\"payload\": {\"protocol\": \"ip\", \"field\": \"saddr\"}}",
                "{\"payload\": {\"protocol\": \"tcp\", \"field\": \"dport\"}}",
                "{\"ct\": {\"key\": \"state\"}}",
                "{\"ct\": {\"key\": \"direction\"}}",
                "{\"&\": [1, 2]}",
                "{\"&\": 3}",
                "{\"fib\": {\"result\": \"type\", \"flags\": [\"daddr\"]}}",
                "{\"new\": {\"thing\": 1}}",
                "5",
                "null",
                "{}");
        Arbitrary<String> match = net.jqwik.api.Combinators.combine(
                        left, value, Arbitraries.of("==", "!=", "in", "<", ""))
                .as((l, r, op) -> "{\"match\": {\"op\": \"" + op + "\", \"left\": " + l + ", \"right\": " + r + "}}");
        Arbitrary<String> statement = net.jqwik.api.Combinators.combine(
                        Arbitraries.of(
                                "accept",
                                "drop",
                                "reject",
                                "jump",
                                "redirect",
                                "dnat",
                                "tproxy",
                                "mangle",
                                "counter",
                                "vmap",
                                "xt",
                                "queue",
                                "snat"),
                        value)
                .as((name, v) -> "{\"" + name + "\": " + v + "}");
        Arbitrary<String> rule = Arbitraries.oneOf(match, match, statement, value)
                .list()
                .ofMaxSize(4)
                .map(e ->
                        "{\"rule\": {\"family\": \"inet\", \"table\": \"t\", \"chain\": \"c\", \"handle\": 1, \"expr\": ["
                                + String.join(",", e) + "]}}");
        Arbitrary<String> fixed = Arbitraries.of(
                "{\"table\": {\"family\": \"inet\", \"name\": \"t\"}}",
                "{\"chain\": {\"family\": \"inet\", \"table\": \"t\", \"name\": \"c\"}}",
                "{\"chain\": {\"family\": \"inet\", \"table\": \"t\", \"name\": \"c\", \"hook\": \"output\", \"prio\": -1, \"type\": \"nat\"}}",
                "{\"chain\": {\"family\": \"inet\", \"table\": \"t\", \"name\": \"d\", \"hook\": \"ingress\", \"prio\": \"x\"}}",
                "{\"set\": {\"family\": \"inet\", \"table\": \"t\", \"name\": \"s\", \"elem\": [1, \"a\"]}}",
                "{\"map\": 1}",
                "7",
                "null");
        return Arbitraries.oneOf(fixed, fixed, rule).list().ofMaxSize(8);
    }
}
