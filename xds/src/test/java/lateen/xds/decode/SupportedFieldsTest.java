package lateen.xds.decode;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SupportedFieldsTest {

    @Test
    void every_message_and_field_of_the_table_is_one_of_envoys() throws Exception {
        List<String> wrong = new ArrayList<>();
        for (Map.Entry<String, List<String>> row : SupportedFields.table().entrySet()) {
            Descriptor descriptor = descriptor(row.getKey());
            Set<String> fields = new HashSet<>();
            descriptor.getFields().stream().map(FieldDescriptor::getName).forEach(fields::add);
            row.getValue().stream()
                    .filter(name -> !fields.contains(name))
                    .forEach(name -> wrong.add(row.getKey() + "." + name));
        }
        assertThat(SupportedFields.table()).hasSizeGreaterThan(50);
        assertThat(wrong).isEmpty();
    }

    /** Generated classes are named as messages are, an outer one before each capital letter. */
    private static Descriptor descriptor(String message) throws ReflectiveOperationException {
        StringBuilder name = new StringBuilder(message.startsWith("google.") ? "com." : "io.envoyproxy.");
        boolean inside = false;
        for (String part : message.split("\\.")) {
            name.append(part).append(inside || Character.isUpperCase(part.charAt(0)) ? '$' : '.');
            inside |= Character.isUpperCase(part.charAt(0));
        }
        name.setLength(name.length() - 1);
        Message prototype = (Message)
                Class.forName(name.toString()).getMethod("getDefaultInstance").invoke(null);
        assertThat(prototype.getDescriptorForType().getFullName()).isEqualTo(message);
        return prototype.getDescriptorForType();
    }
}
