package lateen.services.authz;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.google.gson.internal.LazilyParsedNumber;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.util.Optional;

/** Reads JSON of strangers: strict, one document, bounded depth, no name twice in an object. Numbers keep their text. */
final class Json {
    private static final int MAX_DEPTH = 64;

    private Json() {}

    /** Empty when the text is anything else. */
    static Optional<JsonElement> read(String text) {
        JsonReader in = new JsonReader(new StringReader(text));
        try {
            JsonElement document = value(in, 0);
            return in.peek() == JsonToken.END_DOCUMENT ? Optional.of(document) : Optional.empty();
        } catch (IOException | IllegalStateException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static JsonElement value(JsonReader in, int depth) throws IOException {
        if (depth > MAX_DEPTH) {
            throw new IOException("deeper than " + MAX_DEPTH);
        }
        return switch (in.peek()) {
            case BEGIN_OBJECT -> object(in, depth);
            case BEGIN_ARRAY -> array(in, depth);
            case STRING -> new JsonPrimitive(in.nextString());
            case NUMBER -> new JsonPrimitive(new LazilyParsedNumber(in.nextString()));
            case BOOLEAN -> new JsonPrimitive(in.nextBoolean());
            case NULL -> {
                in.nextNull();
                yield JsonNull.INSTANCE;
            }
            case END_ARRAY, END_OBJECT, NAME, END_DOCUMENT -> throw new IOException("no value");
        };
    }

    private static JsonObject object(JsonReader in, int depth) throws IOException {
        JsonObject object = new JsonObject();
        in.beginObject();
        while (in.hasNext()) {
            String name = in.nextName();
            if (object.has(name)) {
                throw new IOException("twice: " + name);
            }
            object.add(name, value(in, depth + 1));
        }
        in.endObject();
        return object;
    }

    private static JsonArray array(JsonReader in, int depth) throws IOException {
        JsonArray array = new JsonArray();
        in.beginArray();
        while (in.hasNext()) {
            array.add(value(in, depth + 1));
        }
        in.endArray();
        return array;
    }

    /** What a value is, for messages. */
    static String kind(JsonElement value) {
        if (value.isJsonPrimitive()) {
            JsonPrimitive primitive = value.getAsJsonPrimitive();
            return primitive.isString() ? "a string" : primitive.isBoolean() ? "a boolean" : "a number";
        }
        return value.isJsonNull() ? "null" : value.isJsonArray() ? "a list" : "an object";
    }
}
