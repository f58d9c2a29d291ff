package lateen.services.authz;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.stream.JsonWriter;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.envoyproxy.envoy.service.auth.v3.AttributeContext;
import io.envoyproxy.envoy.service.auth.v3.CheckRequest;
import java.io.IOException;
import java.io.StringWriter;

/** The question to OPA, {@code {"input": …}}, in the form that OPA's Envoy plugin gives to policies. */
final class PolicyInput {
    private static final JsonFormat.Printer PROTOJSON = JsonFormat.printer().omittingInsignificantWhitespace();
    private static final Gson GSON =
            new GsonBuilder().serializeNulls().disableHtmlEscaping().create();

    /** Either the document, or why the request cannot be judged. */
    sealed interface Result {
        record Ready(String json) implements Result {}

        record Refused(String reason) implements Result {}
    }

    private PolicyInput() {}

    static Result of(CheckRequest request) {
        AttributeContext attributes = request.getAttributes();
        if (!attributes.getRequest().hasHttp()) {
            return new Result.Refused("attributes.request.http: missing (expected: a check of an HTTP request)");
        }
        AttributeContext.HttpRequest http = attributes.getRequest().getHttp();
        return switch (RequestTarget.parse(http.getPath())) {
            case RequestTarget.Result.Refused(String reason) -> new Result.Refused(reason);
            case RequestTarget.Result.Parsed(RequestTarget target) ->
                switch (RequestBody.parse(http)) {
                    case RequestBody.Result.Refused(String reason) -> new Result.Refused(reason);
                    case RequestBody.Result.Parsed(RequestBody body) -> write(attributes, target, body);
                };
        };
    }

    private static Result write(AttributeContext attributes, RequestTarget target, RequestBody body) {
        StringWriter text = new StringWriter(2048);
        try (JsonWriter out = GSON.newJsonWriter(text)) {
            out.beginObject().name("input").beginObject();
            out.name("attributes").jsonValue(PROTOJSON.print(attributes));
            out.name("parsed_path").beginArray();
            for (String segment : target.segments()) {
                out.value(segment);
            }
            out.endArray();
            out.name("parsed_query").jsonValue(GSON.toJson(RequestBody.lists(target.query())));
            out.name("parsed_body").jsonValue(GSON.toJson(body.value()));
            out.name("truncated_body").value(body.truncated());
            if (!attributes.getSource().getPrincipal().isEmpty()) {
                out.name("source_principal").value(attributes.getSource().getPrincipal());
            }
            out.name("version").beginObject();
            out.name("ext_authz").value("v3").name("encoding").value("protojson");
            out.endObject().endObject().endObject();
        } catch (InvalidProtocolBufferException e) {
            // Metadata of a type that nobody here knows: a policy that relies on it must not be asked without it.
            return new Result.Refused("attributes: cannot be written as JSON: " + e.getMessage());
        } catch (IOException e) {
            throw new IllegalStateException("a StringWriter does not fail", e);
        }
        return new Result.Ready(text.toString());
    }
}
