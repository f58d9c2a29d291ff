package lateen.services.authz;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.protobuf.BoolValue;
import com.google.protobuf.ListValue;
import com.google.protobuf.NullValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.rpc.Code;
import com.google.rpc.Status;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.core.v3.QueryParameter;
import io.envoyproxy.envoy.service.auth.v3.CheckResponse;
import io.envoyproxy.envoy.service.auth.v3.DeniedHttpResponse;
import io.envoyproxy.envoy.service.auth.v3.OkHttpResponse;
import io.envoyproxy.envoy.type.v3.HttpStatus;
import java.util.List;

/** Decisions as Envoy reads them. The only place that makes a {@link CheckResponse}. */
final class Answers {
    /** Tells a client, and whoever reads Envoy's log, why no decision could be had. */
    static final String FAILURE_HEADER = "x-lateen-authz-failure";

    private Answers() {}

    static CheckResponse of(Decision decision) {
        CheckResponse.Builder answer = CheckResponse.newBuilder();
        decision.dynamicMetadata().ifPresent(metadata -> answer.setDynamicMetadata(struct(metadata)));
        if (!decision.allowed()) {
            return answer.setStatus(status(Code.PERMISSION_DENIED))
                    .setDeniedResponse(denied(decision.httpStatus())
                            .addAllHeaders(headers(decision.headers()))
                            .setBody(decision.body()))
                    .build();
        }
        OkHttpResponse.Builder ok = OkHttpResponse.newBuilder()
                .addAllHeaders(headers(decision.headers()))
                .addAllResponseHeadersToAdd(headers(decision.responseHeadersToAdd()))
                .addAllHeadersToRemove(decision.requestHeadersToRemove())
                .addAllQueryParametersToRemove(decision.queryParametersToRemove());
        for (Decision.Field parameter : decision.queryParametersToSet()) {
            ok.addQueryParametersToSet(
                    QueryParameter.newBuilder().setKey(parameter.name()).setValue(parameter.value()));
        }
        return answer.setStatus(status(Code.OK)).setOkResponse(ok).build();
    }

    static CheckResponse failure(int httpStatus, String reason) {
        Decision.Field why = new Decision.Field(FAILURE_HEADER, Printable.of(reason), false);
        return CheckResponse.newBuilder()
                .setStatus(status(Code.PERMISSION_DENIED))
                .setDeniedResponse(denied(httpStatus).addAllHeaders(headers(List.of(why))))
                .build();
    }

    private static Status status(Code code) {
        return Status.newBuilder().setCode(code.getNumber()).build();
    }

    private static DeniedHttpResponse.Builder denied(int httpStatus) {
        return DeniedHttpResponse.newBuilder().setStatus(HttpStatus.newBuilder().setCodeValue(httpStatus));
    }

    private static List<HeaderValueOption> headers(List<Decision.Field> fields) {
        return fields.stream().map(Answers::header).toList();
    }

    /** Envoy's ext_authz reads {@code append}, and without it takes a value in the place of the one before. */
    @SuppressWarnings("deprecation")
    private static HeaderValueOption header(Decision.Field field) {
        HeaderValueOption.Builder option = HeaderValueOption.newBuilder()
                .setHeader(HeaderValue.newBuilder().setKey(field.name()).setValue(field.value()));
        return field.further() ? option.setAppend(BoolValue.of(true)).build() : option.build();
    }

    private static Struct struct(JsonObject object) {
        Struct.Builder struct = Struct.newBuilder();
        object.entrySet().forEach(entry -> struct.putFields(entry.getKey(), value(entry.getValue())));
        return struct.build();
    }

    private static Value value(JsonElement from) {
        Value.Builder value = Value.newBuilder();
        if (from.isJsonNull()) {
            value.setNullValue(NullValue.NULL_VALUE);
        } else if (from instanceof JsonObject object) {
            value.setStructValue(struct(object));
        } else if (from instanceof JsonArray array) {
            ListValue.Builder list = ListValue.newBuilder();
            array.forEach(one -> list.addValues(value(one)));
            value.setListValue(list);
        } else if (from.getAsJsonPrimitive().isBoolean()) {
            value.setBoolValue(from.getAsBoolean());
        } else if (from.getAsJsonPrimitive().isNumber()) {
            value.setNumberValue(from.getAsDouble());
        } else {
            value.setStringValue(from.getAsString());
        }
        return value.build();
    }
}
