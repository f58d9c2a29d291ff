package lateen.xds.decode;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Message;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads what {@link WireWalk} hid from the parser. A message keeps such a field among its unknown ones, under the number
 * that {@link WireTable} gives to it; the getter of the field itself would say that it is not set.
 */
final class Parked {

    static final int KEY = 1 << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
    static final int VALUE = 2 << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;

    private Parked() {}

    /** A map with text as keys, in the order of the wire; the last of two entries with the same key stays. */
    static Map<String, ByteString> map(Message message, String fullName, int field) {
        return entries(occurrences(message, fullName, field));
    }

    /** A message; two occurrences are one message, as concatenated bytes are (protobuf, "Last one wins"). */
    static ByteString message(Message message, String fullName, int field) {
        ByteString all = ByteString.EMPTY;
        for (ByteString each : occurrences(message, fullName, field)) {
            all = all.concat(each);
        }
        return all;
    }

    private static List<ByteString> occurrences(Message message, String fullName, int field) {
        return message.getUnknownFields()
                .getField(WireTable.parked(fullName, field))
                .getLengthDelimitedList();
    }

    static Map<String, ByteString> entries(List<ByteString> entries) {
        Map<String, ByteString> map = new LinkedHashMap<>();
        try {
            for (ByteString entry : entries) {
                addEntry(entry.newCodedInput(), map);
            }
        } catch (IOException e) {
            throw new IllegalStateException("the walk over the bytes found entries of a map here", e);
        }
        return map;
    }

    private static void addEntry(CodedInputStream in, Map<String, ByteString> map) throws IOException {
        String key = "";
        ByteString value = ByteString.EMPTY;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (tag == KEY) {
                key = in.readStringRequireUtf8();
            } else if (tag == VALUE) {
                value = value.concat(in.readBytes());
            } else {
                var _ = in.skipField(tag);
            }
        }
        map.put(key, value);
    }
}
