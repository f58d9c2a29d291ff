package lateen.xds.text;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Message;
import com.google.protobuf.TypeRegistry;
import java.lang.reflect.InvocationTargetException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The messages that an {@code Any} may hold: all of Envoy's API, each class loaded when its name is first met. Any
 * thread may ask.
 */
public final class KnownTypes {

    private static final Pattern NAME =
            Pattern.compile("(envoy|xds|udpa|google\\.protobuf)(\\.[a-z][a-z0-9_]*)*(\\.[A-Z][A-Za-z0-9]*)");

    /** Java packages by the first part of a proto package. */
    private static final Map<String, String> PACKAGES = Map.of(
            "envoy", "io.envoyproxy.",
            "xds", "com.github.",
            "udpa", "com.github.udpa.",
            "google.protobuf", "com.");

    private static final ConcurrentHashMap<String, Message> FOUND = new ConcurrentHashMap<>();

    private KnownTypes() {}

    /** An empty message of that type, by its full name; null: Envoy's API, as this version knows it, has none. */
    public static @Nullable Message prototype(String fullName) {
        Message known = FOUND.get(fullName);
        if (known != null) {
            return known;
        }
        if (fullName.length() > 300 || !NAME.matcher(fullName).matches()) {
            return null;
        }
        Message found = load(fullName);
        if (found != null) {
            FOUND.put(fullName, found);
        }
        return found;
    }

    /** Full message name of an Any's content. */
    public static String nameOf(String typeUrl) {
        return typeUrl.substring(typeUrl.lastIndexOf('/') + 1);
    }

    /** For printing: what was met so far. */
    public static TypeRegistry met() {
        TypeRegistry.Builder types = TypeRegistry.newBuilder();
        FOUND.values().stream().map(Message::getDescriptorForType).forEach((Descriptor each) -> types.add(each));
        return types.build();
    }

    private static @Nullable Message load(String fullName) {
        String first =
                fullName.startsWith("google.") ? "google.protobuf" : fullName.substring(0, fullName.indexOf('.'));
        try {
            Class<?> type = Class.forName(PACKAGES.get(first) + fullName, false, KnownTypes.class.getClassLoader());
            if (!Message.class.isAssignableFrom(type)) {
                return null;
            }
            Message message = (Message) type.getMethod("getDefaultInstance").invoke(null);
            return message.getDescriptorForType().getFullName().equals(fullName) ? message : null;
        } catch (ClassNotFoundException
                | NoSuchMethodException
                | IllegalAccessException
                | InvocationTargetException e) {
            return null;
        }
    }
}
