package lateen.agent.envoy;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.List;
import java.util.Map;

/** JSON as expressions. */
final class Json {
    private Json() {}

    /** One member of an object. */
    record Field(String name, JsonElement value) {}

    static Field field(String name, JsonElement value) {
        return new Field(name, value);
    }

    static Field field(String name, String value) {
        return new Field(name, new JsonPrimitive(value));
    }

    static Field field(String name, long value) {
        return new Field(name, new JsonPrimitive(value));
    }

    static Field field(String name, boolean value) {
        return new Field(name, new JsonPrimitive(value));
    }

    static Field field(String name, Field... members) {
        return new Field(name, object(members));
    }

    static JsonObject object(Field... members) {
        JsonObject object = new JsonObject();
        for (Field member : members) {
            object.add(member.name(), member.value());
        }
        return object;
    }

    static JsonObject object(Map<String, String> texts) {
        JsonObject object = new JsonObject();
        texts.forEach(object::addProperty);
        return object;
    }

    static JsonArray array(JsonElement... elements) {
        return array(List.of(elements));
    }

    static JsonArray array(List<? extends JsonElement> elements) {
        JsonArray array = new JsonArray();
        elements.forEach(array::add);
        return array;
    }
}
