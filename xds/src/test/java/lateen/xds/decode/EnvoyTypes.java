package lateen.xds.decode;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;

/** Generated classes by the full names of their messages. */
final class EnvoyTypes {

    private EnvoyTypes() {}

    /** Generated classes are named as messages are, an outer one before each capital letter. */
    static Message prototype(String message) {
        StringBuilder name = new StringBuilder(message.startsWith("google.") ? "com." : "io.envoyproxy.");
        boolean inside = false;
        for (String part : message.split("\\.")) {
            name.append(part).append(inside || Character.isUpperCase(part.charAt(0)) ? '$' : '.');
            inside |= Character.isUpperCase(part.charAt(0));
        }
        name.setLength(name.length() - 1);
        try {
            Message prototype = (Message) Class.forName(name.toString())
                    .getMethod("getDefaultInstance")
                    .invoke(null);
            assertThat(prototype.getDescriptorForType().getFullName()).isEqualTo(message);
            return prototype;
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("no class for " + message, e);
        }
    }
}
