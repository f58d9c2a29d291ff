package lateen.services.authz;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.envoyproxy.envoy.service.auth.v3.AttributeContext.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A request's body as policies see it: {@code parsed_body} and {@code truncated_body}.
 *
 * <p>JSON and forms are parsed. Other types, and no body, are null: policies still have {@code
 * attributes.request.http.body}. (gRPC messages cannot be read without their descriptors; OPA's plugin gives null too.)
 *
 * @param value null where there is nothing that can be parsed
 * @param truncated the proxy sent less than the request has
 */
record RequestBody(JsonElement value, boolean truncated) {
    private static final RequestBody NONE = new RequestBody(JsonNull.INSTANCE, false);
    private static final RequestBody TRUNCATED = new RequestBody(JsonNull.INSTANCE, true);

    /** Either a body (perhaps none), or why the request cannot be judged. */
    sealed interface Result {
        record Parsed(RequestBody body) implements Result {}

        record Refused(String reason) implements Result {}
    }

    static Result parse(HttpRequest http) {
        String type = http.getHeadersOrDefault("content-type", "").toLowerCase(Locale.ROOT);
        boolean json = type.contains("application/json");
        boolean form = type.contains("application/x-www-form-urlencoded");
        byte[] sent = http.getRawBody().isEmpty()
                ? http.getBody().getBytes(StandardCharsets.UTF_8)
                : http.getRawBody().toByteArray();
        if (!(json || form) || sent.length == 0) {
            return new Result.Parsed(NONE);
        }
        if (partial(http, sent.length)) {
            return new Result.Parsed(TRUNCATED);
        }
        String text = new String(sent, StandardCharsets.UTF_8);
        if (form) {
            return new Result.Parsed(new RequestBody(lists(RequestTarget.query(text)), false));
        }
        Optional<JsonElement> value = Json.read(text);
        return value.<Result>map(v -> new Result.Parsed(new RequestBody(v, false)))
                .orElseGet(() -> new Result.Refused("body: is not JSON, as its content-type says"));
    }

    private static boolean partial(HttpRequest http, int sent) {
        // Envoy says so itself when it sends a part only.
        if (http.getHeadersOrDefault("x-envoy-auth-partial-body", "").equals("true")) {
            return true;
        }
        String length = http.getHeadersOrDefault("content-length", "");
        return length.matches("[0-9]{1,18}") && Long.parseLong(length) > sent;
    }

    static JsonObject lists(Map<String, List<String>> values) {
        JsonObject object = new JsonObject();
        values.forEach((name, all) -> {
            JsonArray list = new JsonArray();
            all.forEach(list::add);
            object.add(name, list);
        });
        return object;
    }
}
