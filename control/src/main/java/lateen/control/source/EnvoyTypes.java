package lateen.control.source;

import com.google.protobuf.Message;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Envoy's messages by the names that stand in type URLs. The names of generated classes follow from those, so that no
 * list has to be kept; nothing outside of Envoy's own packages is ever looked up.
 */
public final class EnvoyTypes {

    private static final String URL = "type.googleapis.com/";
    private static final Pattern NAME = Pattern.compile("(?:[a-z][a-z0-9_]*\\.)+[A-Z][A-Za-z0-9]*");
    private static final Map<String, String> PACKAGES =
            Map.of("envoy.", "io.envoyproxy.", "udpa.", "com.github.udpa.", "xds.", "com.github.");

    private EnvoyTypes() {}

    /** An empty message of that type; null: this control plane does not know it. */
    public static @Nullable Message of(String typeUrl) {
        String name = typeUrl.startsWith(URL) ? typeUrl.substring(URL.length()) : "";
        if (!NAME.matcher(name).matches()) {
            return null;
        }
        for (Map.Entry<String, String> each : PACKAGES.entrySet()) {
            if (name.startsWith(each.getKey())) {
                return generated(each.getValue() + name);
            }
        }
        return null;
    }

    private static @Nullable Message generated(String className) {
        try {
            Class<?> type = Class.forName(className, false, EnvoyTypes.class.getClassLoader());
            return Message.class.isAssignableFrom(type)
                    ? (Message) type.getMethod("getDefaultInstance").invoke(null)
                    : null;
        } catch (ReflectiveOperationException | LinkageError e) {
            return null;
        }
    }
}
