package lateen.xds.decode;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A {@code google.protobuf.Value} read by hand: the generated class of {@code Struct}, a map, would need descriptors. */
sealed interface StructValue {

    StructValue NONE = new Other();

    record Text(String text) implements StructValue {}

    record Fields(Map<String, ByteString> values) implements StructValue {

        /** {@link #NONE} when absent. */
        StructValue value(String key) {
            ByteString value = values.get(key);
            return value == null ? NONE : StructValue.of(value);
        }

        /** Empty when absent or something else. */
        String text(String key) {
            return value(key) instanceof Text(String text) ? text : "";
        }
    }

    record Elements(List<StructValue> values) implements StructValue {}

    /** A number, a truth value, null, or nothing. */
    record Other() implements StructValue {}

    /** @param struct wire bytes of a {@code Struct} that {@link WireWalk} went over */
    static Fields fields(ByteString struct) {
        return new Fields(WireMap.of(list(struct, Struct.FIELDS_FIELD_NUMBER)));
    }

    private static StructValue of(ByteString value) {
        StructValue last = NONE;
        try {
            CodedInputStream in = value.newCodedInput();
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (WireFormat.getTagWireType(tag) != WireFormat.WIRETYPE_LENGTH_DELIMITED) {
                    last = NONE;
                    var _ = in.skipField(tag);
                    continue;
                }
                last = switch (WireFormat.getTagFieldNumber(tag)) {
                    case Value.STRING_VALUE_FIELD_NUMBER -> new Text(in.readStringRequireUtf8());
                    case Value.STRUCT_VALUE_FIELD_NUMBER -> fields(in.readBytes());
                    case Value.LIST_VALUE_FIELD_NUMBER -> elements(in.readBytes());
                    default -> {
                        var _ = in.skipField(tag);
                        yield last;
                    }
                };
            }
        } catch (IOException e) {
            throw new IllegalStateException("the walk over the bytes found a value here", e);
        }
        return last;
    }

    private static Elements elements(ByteString list) {
        return new Elements(list(list, 1).stream().map(StructValue::of).toList());
    }

    /** All occurrences of a repeated message. */
    private static List<ByteString> list(ByteString message, int number) {
        List<ByteString> found = new ArrayList<>();
        try {
            CodedInputStream in = message.newCodedInput();
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (tag == (number << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED)) {
                    found.add(in.readBytes());
                } else {
                    var _ = in.skipField(tag);
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException("the walk over the bytes found a message here", e);
        }
        return found;
    }
}
