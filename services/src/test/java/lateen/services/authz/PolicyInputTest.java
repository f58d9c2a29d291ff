package lateen.services.authz;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.service.auth.v3.CheckRequest;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicyInputTest {

    private static JsonObject input(CheckRequest request) {
        String json = ((PolicyInput.Result.Ready) PolicyInput.of(request)).json();
        return JsonParser.parseString(json).getAsJsonObject().getAsJsonObject("input");
    }

    /** As the reference: protobuf's own JSON of the whole request has attributes at the same place. */
    @Property(tries = 200)
    void attributesAreTheRequestsProtojson(
            @ForAll @StringLength(max = 30) String header,
            @ForAll @StringLength(max = 30) String body,
            @ForAll long size)
            throws Exception {
        CheckRequest.Builder request = Checks.request("PUT", "/x", Map.of("x", wellFormed(header)), "").toBuilder();
        request.getAttributesBuilder()
                .setMetadataContext(Metadata.newBuilder()
                        .putFilterMetadata(
                                "envoy.filters.http.jwt_authn",
                                Struct.newBuilder()
                                        .putFields(
                                                "sub",
                                                Value.newBuilder()
                                                        .setStringValue(wellFormed(body))
                                                        .build())
                                        .build()))
                .getRequestBuilder()
                .getHttpBuilder()
                .setSize(size)
                .setBody(wellFormed(body))
                .setRawBody(ByteString.copyFromUtf8(body));

        JsonObject all = JsonParser.parseString(JsonFormat.printer().print(request.build()))
                .getAsJsonObject();

        assertThat(input(request.build()).get("attributes")).isEqualTo(all.get("attributes"));
    }

    /** Protobuf's strings have no lone surrogates. */
    private static String wellFormed(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    }

    @Test
    void aCallerWithoutIdentityHasNoSourcePrincipal() {
        CheckRequest.Builder request = Checks.get("/").toBuilder();
        request.getAttributesBuilder().getSourceBuilder().clearPrincipal();

        assertThat(input(request.build()).has("source_principal")).isFalse();
        assertThat(input(Checks.get("/")).get("source_principal").getAsString()).isEqualTo(Checks.CLIENT);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "application/json | {\"a\": [1, null]} | 15 | {\"a\":[1,null]} | false",
                "application/json; charset=utf-8 | 12345678901234567890.5 | 22 | 12345678901234567890.5 | false",
                "application/json | {\"a\": | 40 | null | true",
                "application/x-www-form-urlencoded | a=1&a=2&b=%20 | 13 | {\"a\":[\"1\",\"2\"],\"b\":[\" \"]} | false",
                "application/x-www-form-urlencoded | a=1 | 9 | null | true",
                "text/plain | hello | 5 | null | false",
                "application/json | `` | 0 | null | false",
            })
    void bodiesAreParsedByTheirType(String type, String body, String length, String parsed, boolean truncated) {
        JsonObject input =
                input(Checks.request("POST", "/", Map.of("content-type", type, "content-length", length), body));

        assertThat(input.get("parsed_body")).hasToString(parsed);
        assertThat(input.get("truncated_body").getAsBoolean()).isEqualTo(truncated);
    }

    @Test
    void envoysOwnWordThatABodyIsPartialCounts() {
        JsonObject input = input(Checks.request(
                "POST",
                "/",
                Map.of("content-type", "application/json", "x-envoy-auth-partial-body", "true"),
                "{\"a\": "));

        assertThat(input.get("truncated_body").getAsBoolean()).isTrue();
    }

    @Test
    void metadataThatCannotBeShownToThePolicyRefuses() {
        CheckRequest.Builder request = Checks.get("/").toBuilder();
        request.getAttributesBuilder()
                .setMetadataContext(Metadata.newBuilder()
                        .putTypedFilterMetadata(
                                "x",
                                Any.newBuilder()
                                        .setTypeUrl("type.googleapis.com/no.such.Type")
                                        .build()));

        assertThat(PolicyInput.of(request.build())).isInstanceOf(PolicyInput.Result.Refused.class);
    }

    @Test
    void aCheckThatIsNotOfAnHttpRequestRefuses() {
        assertThat(PolicyInput.of(CheckRequest.getDefaultInstance())).isInstanceOf(PolicyInput.Result.Refused.class);
    }
}
