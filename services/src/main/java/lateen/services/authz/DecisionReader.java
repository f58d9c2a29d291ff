package lateen.services.authz;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads a decision in the forms of OPA's Envoy plugin: a boolean, or an object with {@code allowed}. Names it does not
 * know belong to the policy; a known one of a wrong type makes the whole decision unusable.
 */
final class DecisionReader {
    /** RFC 9110, 5.6.2; a leading colon is Envoy's for pseudo-headers. */
    private static final Pattern HEADER_NAME = Pattern.compile(":?[!#$%&'*+.^_`|~0-9A-Za-z-]+");

    private static final Pattern HEADER_VALUE = Pattern.compile("[^\\x00-\\x08\\x0a-\\x1f\\x7f]*");

    /** Either a decision, or where and why it cannot be used. */
    sealed interface Result {
        record Read(Decision decision) implements Result {}

        record Unusable(String reason) implements Result {}
    }

    /** Stays inside this class. */
    private static final class Wrong extends Exception {
        private static final long serialVersionUID = 1;

        Wrong(String where, JsonElement found, String expected) {
            super(where + ": is " + Json.kind(found) + " (expected: " + expected + ")", null, false, false);
        }

        Wrong(String message) {
            super(message, null, false, false);
        }
    }

    private DecisionReader() {}

    static Result read(JsonElement result) {
        try {
            if (isBoolean(result)) {
                return new Result.Read(Decision.of(result.getAsBoolean()));
            }
            if (!result.isJsonObject()) {
                throw new Wrong("result", result, "a boolean, or an object with allowed");
            }
            return new Result.Read(object(result.getAsJsonObject()));
        } catch (Wrong e) {
            return new Result.Unusable(String.valueOf(e.getMessage()));
        }
    }

    private static Decision object(JsonObject from) throws Wrong {
        JsonElement allowed = from.get("allowed");
        if (allowed == null) {
            throw new Wrong("result.allowed: missing (expected: a boolean)");
        }
        if (!isBoolean(allowed)) {
            throw new Wrong("result.allowed", allowed, "a boolean");
        }
        return new Decision(
                allowed.getAsBoolean(),
                headers(from, "headers"),
                headers(from, "response_headers_to_add"),
                strings(from, "request_headers_to_remove"),
                from.has("body") ? string("result.body", from.get("body")) : "",
                status(from),
                parameters(from),
                strings(from, "query_parameters_to_remove"),
                metadata(from));
    }

    /** An object of strings or lists of strings, or a list of such objects. */
    private static List<Decision.Field> headers(JsonObject from, String name) throws Wrong {
        List<Decision.Field> fields = new ArrayList<>();
        JsonElement value = from.get(name);
        String where = "result." + name;
        if (value == null) {
            return fields;
        }
        if (value.isJsonArray()) {
            int i = 0;
            for (JsonElement one : value.getAsJsonArray()) {
                fields(where + "[" + i++ + "]", one, fields);
            }
        } else {
            fields(where, value, fields);
        }
        for (Decision.Field field : fields) {
            if (!HEADER_NAME.matcher(field.name()).matches()) {
                throw new Wrong(where + ": '" + field.name() + "' (expected: a header's name)");
            }
            if (!HEADER_VALUE.matcher(field.value()).matches()) {
                throw new Wrong(where + "." + field.name() + ": has control characters (expected: a header's value)");
            }
        }
        return fields;
    }

    private static List<Decision.Field> parameters(JsonObject from) throws Wrong {
        List<Decision.Field> fields = new ArrayList<>();
        if (from.has("query_parameters_to_set")) {
            fields("result.query_parameters_to_set", from.get("query_parameters_to_set"), fields);
        }
        return fields;
    }

    private static void fields(String where, JsonElement object, List<Decision.Field> into) throws Wrong {
        if (!object.isJsonObject()) {
            throw new Wrong(where, object, "an object");
        }
        for (Map.Entry<String, JsonElement> entry : object.getAsJsonObject().entrySet()) {
            String name = entry.getKey();
            JsonElement value = entry.getValue();
            if (value.isJsonArray()) {
                for (JsonElement one : value.getAsJsonArray()) {
                    add(name, string(where + "." + name, one), into);
                }
            } else {
                add(name, string(where + "." + name, value), into);
            }
        }
    }

    private static void add(String name, String value, List<Decision.Field> into) {
        boolean further = into.stream().anyMatch(field -> field.name().equalsIgnoreCase(name));
        into.add(new Decision.Field(name, value, further));
    }

    private static List<String> strings(JsonObject from, String name) throws Wrong {
        List<String> all = new ArrayList<>();
        JsonElement value = from.get(name);
        if (value == null) {
            return all;
        }
        if (!value.isJsonArray()) {
            throw new Wrong("result." + name, value, "a list of strings");
        }
        int i = 0;
        for (JsonElement one : value.getAsJsonArray()) {
            all.add(string("result." + name + "[" + i++ + "]", one));
        }
        return all;
    }

    private static String string(String where, JsonElement value) throws Wrong {
        if (!value.isJsonPrimitive() || !value.getAsJsonPrimitive().isString()) {
            throw new Wrong(where, value, "a string");
        }
        return value.getAsString();
    }

    private static int status(JsonObject from) throws Wrong {
        JsonElement value = from.get("http_status");
        if (value == null) {
            return Decision.DENIED_STATUS;
        }
        if (!(value instanceof JsonPrimitive primitive) || !primitive.isNumber()) {
            throw new Wrong("result.http_status", value, "a number");
        }
        String text = primitive.getAsString();
        int status = text.matches("[0-9]{3}") ? Integer.parseInt(text) : 0;
        if (!HttpStatuses.known(status)) {
            throw new Wrong("result.http_status: " + text + " (expected: an HTTP status, 200..599)");
        }
        return status;
    }

    private static Optional<JsonObject> metadata(JsonObject from) throws Wrong {
        JsonElement value = from.get("dynamic_metadata");
        if (value == null) {
            return Optional.empty();
        }
        if (!value.isJsonObject()) {
            throw new Wrong("result.dynamic_metadata", value, "an object");
        }
        return Optional.of(value.getAsJsonObject());
    }

    private static boolean isBoolean(JsonElement value) {
        return value.isJsonPrimitive() && value.getAsJsonPrimitive().isBoolean();
    }
}
