package lateen.xds.decode;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SupportedFieldsTest {

    @Test
    void every_message_and_field_of_the_table_is_one_of_envoys() {
        List<String> wrong = new ArrayList<>();
        for (Map.Entry<String, List<String>> row : SupportedFields.table().entrySet()) {
            Descriptor descriptor = EnvoyTypes.prototype(row.getKey()).getDescriptorForType();
            Set<String> fields = new HashSet<>();
            descriptor.getFields().stream().map(FieldDescriptor::getName).forEach(fields::add);
            row.getValue().stream()
                    .filter(name -> !fields.contains(name))
                    .forEach(name -> wrong.add(row.getKey() + "." + name));
        }
        assertThat(SupportedFields.table()).hasSizeGreaterThan(50);
        assertThat(wrong).isEmpty();
    }
}
