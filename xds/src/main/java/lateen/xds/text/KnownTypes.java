package lateen.xds.text;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.TypeRegistry;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The messages that an {@code Any} may hold: all of Envoy's API, each loaded when its name is first met. Any thread may
 * ask.
 *
 * <p>They are messages by descriptors alone. A generated message that is asked for its descriptor, or for fields by
 * descriptor, makes protobuf look up the methods of its class, which loads the classes of all fields that it could have:
 * some 600 for a bootstrap with one listener, and they stay.
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

    /** The same content, to be asked by descriptor. */
    public static Message byDescriptor(Message message) {
        if (message instanceof DynamicMessage) {
            return message;
        }
        try {
            return DynamicMessage.parseFrom(descriptor(message.getClass()), message.toByteString());
        } catch (InvalidProtocolBufferException | ReflectiveOperationException e) {
            throw new AssertionError("generated code has its own descriptor", e);
        }
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
            Descriptor descriptor = descriptor(type);
            return descriptor.getFullName().equals(fullName) ? DynamicMessage.getDefaultInstance(descriptor) : null;
        } catch (ReflectiveOperationException e) {
            return null;
        }
    }

    /** A method handle finds this one method; reflection would look at all, and load what they mention. */
    private static Descriptor descriptor(Class<?> type) throws ReflectiveOperationException {
        MethodHandle getter =
                MethodHandles.publicLookup().findStatic(type, "getDescriptor", MethodType.methodType(Descriptor.class));
        try {
            return (Descriptor) getter.invokeExact();
        } catch (Throwable e) {
            throw new ReflectiveOperationException(e);
        }
    }
}
