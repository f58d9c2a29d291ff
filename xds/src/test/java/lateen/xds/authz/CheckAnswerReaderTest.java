package lateen.xds.authz;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.BoolValue;
import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption.HeaderAppendAction;
import io.envoyproxy.envoy.config.core.v3.QueryParameter;
import io.envoyproxy.envoy.service.auth.v3.CheckResponse;
import io.envoyproxy.envoy.service.auth.v3.DeniedHttpResponse;
import io.envoyproxy.envoy.service.auth.v3.OkHttpResponse;
import io.envoyproxy.envoy.type.v3.HttpStatus;
import io.envoyproxy.envoy.type.v3.StatusCode;
import java.util.List;
import lateen.decision.config.HeaderEdits;
import lateen.decision.config.HeaderEdits.Action;
import lateen.decision.config.HeaderEdits.Edit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckAnswerReaderTest {

    private static CheckAnswer read(CheckResponse response) {
        byte[] bytes = response.toByteArray();
        byte[] padded = new byte[bytes.length + 2];
        System.arraycopy(bytes, 0, padded, 1, bytes.length);
        return CheckAnswerReader.read(padded, 1, bytes.length);
    }

    private static HeaderValueOption.Builder option(String name, String value) {
        return HeaderValueOption.newBuilder()
                .setHeader(HeaderValue.newBuilder().setKey(name).setValue(value));
    }

    private static CheckResponse.Builder allowed(OkHttpResponse.Builder ok) {
        return CheckResponse.newBuilder()
                .setStatus(com.google.rpc.Status.getDefaultInstance())
                .setOkResponse(ok);
    }

    private static CheckResponse.Builder denied(DeniedHttpResponse.Builder response) {
        return CheckResponse.newBuilder()
                .setStatus(com.google.rpc.Status.newBuilder().setCode(7))
                .setDeniedResponse(response);
    }

    @Test
    void an_empty_answer_allows_as_status_zero_does() {
        assertThat(read(CheckResponse.getDefaultInstance())).isEqualTo(CheckAnswer.Allowed.AS_IT_IS);
        assertThat(CheckAnswer.Allowed.AS_IT_IS.changesNothing()).isTrue();
    }

    @Test
    void everything_that_an_ok_may_bring_is_read() {
        CheckAnswer answer = read(allowed(OkHttpResponse.newBuilder()
                        .addHeaders(option("X-User", "ann").setAppend(BoolValue.of(false)))
                        .addHeaders(option("x-role", "a").setAppend(BoolValue.of(true)))
                        .addHeaders(option("x-new", "%REQ(x)%").setAppendAction(HeaderAppendAction.ADD_IF_ABSENT))
                        .addHeaders(option("x-old", "é").setAppendAction(HeaderAppendAction.OVERWRITE_IF_EXISTS))
                        .addHeadersToRemove("Authorization")
                        .addResponseHeadersToAdd(option("set-cookie", "a=b"))
                        .addResponseHeadersToAdd(option("Content-Length", "5"))
                        .addQueryParametersToSet(
                                QueryParameter.newBuilder().setKey("a").setValue("1 2"))
                        .addQueryParametersToRemove("b")
                        .setDynamicMetadata(Struct.newBuilder().putFields("k", Value.getDefaultInstance())))
                .setDynamicMetadata(Struct.newBuilder().putFields("k", Value.getDefaultInstance()))
                .build());
        assertThat(answer)
                .isEqualTo(new CheckAnswer.Allowed(
                        new HeaderEdits(
                                List.of("authorization"),
                                List.of(
                                        new Edit("x-user", "ann", Action.OVERWRITE_IF_EXISTS_OR_ADD),
                                        new Edit("x-role", "a", Action.APPEND_IF_EXISTS),
                                        new Edit("x-new", "%REQ(x)%", Action.OVERWRITE_IF_EXISTS_OR_ADD),
                                        new Edit("x-old", "é", Action.OVERWRITE_IF_EXISTS_OR_ADD))),
                        new HeaderEdits(
                                List.of(), List.of(new Edit("set-cookie", "a=b", Action.APPEND_IF_EXISTS_OR_ADD))),
                        List.of(new CheckAnswer.Parameter("a", "1 2")),
                        List.of("b")));
    }

    @Test
    void a_denial_has_status_headers_and_body_or_403() {
        assertThat(read(denied(DeniedHttpResponse.newBuilder()
                                .setStatus(HttpStatus.newBuilder().setCode(StatusCode.Unauthorized))
                                .addHeaders(option("www-authenticate", "Basic"))
                                .setBody("log in"))
                        .build()))
                .isEqualTo(new CheckAnswer.Denied(
                        401,
                        new HeaderEdits(
                                List.of(),
                                List.of(new Edit("www-authenticate", "Basic", Action.APPEND_IF_EXISTS_OR_ADD))),
                        "log in"));
        assertThat(read(CheckResponse.newBuilder()
                        .setStatus(com.google.rpc.Status.newBuilder().setCode(16))
                        .build()))
                .isEqualTo(new CheckAnswer.Denied(403, HeaderEdits.NONE, ""));
    }

    @Test
    void a_status_that_is_not_ok_counts_even_beside_an_ok_response() {
        assertThat(read(allowed(OkHttpResponse.newBuilder().addHeadersToRemove("x"))
                        .setStatus(com.google.rpc.Status.newBuilder().setCode(7))
                        .build()))
                .isEqualTo(new CheckAnswer.Denied(403, HeaderEdits.NONE, ""));
    }

    @Test
    void an_error_response_is_no_denial() {
        DeniedHttpResponse content = DeniedHttpResponse.newBuilder()
                .setStatus(HttpStatus.newBuilder().setCodeValue(503))
                .setBody("later")
                .build();
        CheckResponse answer = CheckResponse.newBuilder()
                .setStatus(com.google.rpc.Status.newBuilder().setCode(14))
                .setUnknownFields(UnknownFieldSet.newBuilder()
                        .addField(
                                5,
                                UnknownFieldSet.Field.newBuilder()
                                        .addLengthDelimited(content.toByteString())
                                        .build())
                        .build())
                .build();
        assertThat(read(answer)).isEqualTo(new CheckAnswer.Undecided(503, HeaderEdits.NONE, "later"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":path",
                ":method",
                "host",
                "Host",
                "a b",
                "a\r\nb",
                "transfer-encoding",
                "content-length",
                "connection",
                "é"
            })
    void a_name_that_cannot_be_changed_in_a_request_spoils_the_answer(String name) {
        assertThat(read(allowed(OkHttpResponse.newBuilder().addHeaders(option(name, "x")))
                        .build()))
                .isInstanceOf(CheckAnswer.Malformed.class);
        assertThat(read(allowed(OkHttpResponse.newBuilder().addHeadersToRemove(name))
                        .build()))
                .isInstanceOf(CheckAnswer.Malformed.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\r\nb", "a\nb", "a\0b", "\u007f"})
    void a_value_that_could_end_its_line_spoils_the_answer(String value) {
        assertThat(read(allowed(OkHttpResponse.newBuilder().addHeaders(option("x", value)))
                        .build()))
                .isInstanceOf(CheckAnswer.Malformed.class);
        assertThat(read(denied(DeniedHttpResponse.newBuilder().addHeaders(option("x", value)))
                        .build()))
                .isInstanceOf(CheckAnswer.Malformed.class);
    }

    @Test
    void as_many_changes_as_allowed_are_taken() {
        OkHttpResponse.Builder most = OkHttpResponse.newBuilder();
        for (int i = 0; i < EditReader.MOST; i++) {
            most.addHeaders(option("x-" + i, "v"));
        }
        assertThat(read(allowed(most).build())).isInstanceOf(CheckAnswer.Allowed.class);
    }

    @Test
    void what_is_not_understood_or_too_much_spoils_the_answer() {
        OkHttpResponse.Builder many = OkHttpResponse.newBuilder();
        for (int i = 0; i <= EditReader.MOST; i++) {
            many.addHeaders(option("x-" + i, "v"));
        }
        OkHttpResponse.Builder long1 =
                OkHttpResponse.newBuilder().addHeaders(option("x", "v".repeat(EditReader.MOST_CHARACTERS)));
        OkHttpResponse.Builder raw = OkHttpResponse.newBuilder()
                .addHeaders(HeaderValueOption.newBuilder()
                        .setHeader(HeaderValue.newBuilder().setKey("x").setRawValue(ByteString.copyFromUtf8("v"))));
        OkHttpResponse.Builder action =
                OkHttpResponse.newBuilder().addHeaders(option("x", "v").setAppendActionValue(9));
        for (OkHttpResponse.Builder each : List.of(many, long1, raw, action)) {
            assertThat(read(allowed(each).build())).isInstanceOf(CheckAnswer.Malformed.class);
        }
        for (int status : new int[] {-1, 1, 100, 199, 600, 100_000}) {
            assertThat(read(denied(DeniedHttpResponse.newBuilder()
                                    .setStatus(HttpStatus.newBuilder().setCodeValue(status)))
                            .build()))
                    .isInstanceOf(CheckAnswer.Malformed.class);
        }
        assertThat(read(denied(DeniedHttpResponse.newBuilder().setBody("b".repeat(CheckAnswerReader.LARGEST_BODY + 1)))
                        .build()))
                .isInstanceOf(CheckAnswer.Malformed.class);
    }

    @Property(tries = 5000)
    void random_bytes_never_throw(@ForAll @Size(max = 100) byte[] bytes) {
        assertThat(CheckAnswerReader.read(bytes, 0, bytes.length)).isNotNull();
    }

    @Property(tries = 5000)
    void a_denial_with_some_bytes_changed_never_throws_and_no_name_or_value_gets_through_unchecked(
            @ForAll @Size(min = 1, max = 4) List<@IntRange(max = 500) Integer> places, @ForAll byte value) {
        byte[] bytes = denied(DeniedHttpResponse.newBuilder()
                        .setStatus(HttpStatus.newBuilder().setCode(StatusCode.Unauthorized))
                        .addHeaders(option("www-authenticate", "Basic"))
                        .addHeaders(option("x-reason", "because"))
                        .setBody("log in"))
                .build()
                .toByteArray();
        for (int place : places) {
            bytes[place % bytes.length] = value;
        }
        HeaderEdits edits = switch (CheckAnswerReader.read(bytes, 0, bytes.length)) {
            case CheckAnswer.Allowed allowed -> allowed.request();
            case CheckAnswer.Denied denied -> denied.headers();
            case CheckAnswer.Undecided none -> none.headers();
            case CheckAnswer.Malformed ignored -> HeaderEdits.NONE;
        };
        assertThat(edits.edits()).allSatisfy(edit -> {
            assertThat(edit.name()).matches("[a-z0-9!#$%&'*+.^_`|~-]+").isNotEqualTo("host");
            assertThat(edit.value()).doesNotContain("\r", "\n", "\0");
        });
    }
}
