package lateen.xds.decode;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import lateen.xds.decode.SupportedFields.Rule;
import org.junit.jupiter.api.Test;

/** Makes the lines of {@code supported-fields.wire} from {@code supported-fields.txt} and Envoy's descriptors. */
class WireTableTest {

    private static final String METADATA = "envoy.config.core.v3.Metadata";

    private static final String HEAD = """
            # Made from supported-fields.txt and the descriptors of Envoy's messages; not to be edited. After a change there:
            #   mvn -pl xds -am test -Dtest=WireTableTest -Dsurefire.failIfNoSpecifiedTests=false -Dlateen.wire.refresh=true
            # Each word: field number; v f d: number as varint, of 4, of 8 bytes, l: bytes, s: UTF-8 text, =N: only the
            # number N, {N: a message with only N in field 1, >T: message T, mT: map from text to T; @name; +: a list;
            # !: set aside before the message is parsed, so that no generated code for maps runs.
            """;

    /** A Struct that is set aside too: it is a map. */
    private static final String STRUCT_ASIDE = "envoy.config.cluster.v3.Cluster.TransportSocketMatch.match";

    @Test
    void the_table_in_numbers_says_what_the_table_in_names_says() throws IOException {
        List<String> made = new ArrayList<>();
        SupportedFields.rules().forEach((name, rules) -> {
            // Reached as a field of other messages only; below, with what it may hold.
            if (!name.equals("google.protobuf.Struct")) {
                made.add(line(EnvoyTypes.prototype(name).getDescriptorForType(), rules));
            }
        });
        made.add(METADATA + ": 1mgoogle.protobuf.Struct@filter_metadata! 2mgoogle.protobuf.Any@typed_filter_metadata!");
        made.add("google.protobuf.Struct: 1mgoogle.protobuf.Value");
        made.add(
                "google.protobuf.Value: 1v 2d 3s 4v 5>google.protobuf.Struct@struct_value 6>google.protobuf.ListValue@list_value");
        made.add("google.protobuf.ListValue: 1>google.protobuf.Value@values+");
        made.add("google.protobuf.Any: 1s 2l");
        made.sort(null);
        if (Boolean.getBoolean("lateen.wire.refresh")) {
            Files.writeString(
                    Path.of("src/main/resources/lateen/xds/decode/supported-fields.wire"),
                    HEAD + String.join("\n", made) + "\n");
        } else {
            assertThat(WireTable.lines())
                    .as("supported-fields.wire; its first lines say how to make it anew")
                    .containsExactlyElementsOf(made);
        }
    }

    @Test
    void the_names_of_messages_in_the_decoders_are_envoys() {
        for (String name : List.of(TlsDecoder.DOWNSTREAM, TlsDecoder.UPSTREAM, TlsDecoder.RAW, METADATA)) {
            assertThat(EnvoyTypes.prototype(name).getDescriptorForType().getFullName())
                    .isEqualTo(name);
        }
        for (var type : lateen.xds.ResourceType.values()) {
            assertThat(WireTable.message(type.message())).as(type.message()).isNotNull();
        }
    }

    private static String line(Descriptor message, Map<String, Rule> rules) {
        Map<Integer, String> words = new TreeMap<>();
        rules.forEach((name, rule) -> {
            FieldDescriptor field = message.findFieldByName(name);
            String word = switch (rule) {
                case Rule.Any() -> field.getJavaType() == JavaType.MESSAGE ? accepted(field) : number(field);
                case Rule.Read() -> field.getJavaType() == JavaType.MESSAGE ? inside(field) : number(field);
                case Rule.Only(String value) -> only(field, value);
            };
            words.put(field.getNumber(), field.getNumber() + word);
        });
        return (message.getFullName() + ": " + String.join(" ", words.values())).stripTrailing();
    }

    /** Whatever it holds; metadata are looked into, for their maps. */
    private static String accepted(FieldDescriptor field) {
        assertThat(field.isMapField()).as("an accepted map: %s", field).isFalse();
        return field.getMessageType().getFullName().equals(METADATA) ? ">" + METADATA + "@" + field.getName() : "l";
    }

    private static String inside(FieldDescriptor field) {
        if (field.isMapField()) {
            assertThat(field.getMessageType().findFieldByNumber(1).getType()).isEqualTo(FieldDescriptor.Type.STRING);
            return "m"
                    + field.getMessageType()
                            .findFieldByNumber(2)
                            .getMessageType()
                            .getFullName()
                    + "@" + field.getName() + "!";
        }
        String type = field.getMessageType().getFullName();
        if (field.getFullName().equals(STRUCT_ASIDE)) {
            return ">" + type + "@" + field.getName() + "!";
        }
        String list = field.isRepeated() ? "+" : "";
        return type.startsWith("google.protobuf.") ? "l" : ">" + type + "@" + field.getName() + list;
    }

    private static String number(FieldDescriptor field) {
        String list = field.isRepeated() ? "+" : "";
        return switch (field.getType()) {
            case STRING, BYTES -> "l";
            case BOOL, ENUM, INT32, INT64, UINT32, UINT64, SINT32, SINT64 -> "v" + list;
            case FIXED32, SFIXED32, FLOAT -> "f" + list;
            case FIXED64, SFIXED64, DOUBLE -> "d" + list;
            case GROUP, MESSAGE -> throw new AssertionError(field + " is no number");
        };
    }

    private static String only(FieldDescriptor field, String value) {
        return switch (field.getType()) {
            case ENUM -> "=" + field.getEnumType().findValueByName(value).getNumber();
            case BOOL -> "=" + (value.equals("true") ? 1 : 0);
            case UINT32 -> "=" + Integer.parseInt(value);
            case MESSAGE ->
                switch (field.getMessageType().getName()) {
                    case "BoolValue" -> "{" + (value.equals("true") ? 1 : 0);
                    case "UInt32Value" -> "{" + Integer.parseInt(value);
                    case "Duration" -> "{" + Integer.parseInt(value.replaceFirst("s$", ""));
                    default -> throw new AssertionError(field + ": no way to write its only value");
                };
            default -> throw new AssertionError(field + ": no way to write its only value");
        };
    }
}
