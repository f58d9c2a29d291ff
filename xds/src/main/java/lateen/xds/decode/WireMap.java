package lateen.xds.decode;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Entries of a map with text as keys: on the wire, messages with a key in field 1 and a value in field 2. */
final class WireMap {

    static final int KEY = (1 << 3) | WireFormat.WIRETYPE_LENGTH_DELIMITED;
    static final int VALUE = (2 << 3) | WireFormat.WIRETYPE_LENGTH_DELIMITED;

    private WireMap() {}

    /** Bytes of the values by key, in the order of the wire; of two entries with the same key the last stays. */
    static Map<String, ByteString> of(List<ByteString> entries) {
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
                // Two values are one message, as concatenated bytes are.
                value = value.concat(in.readBytes());
            } else {
                var _ = in.skipField(tag);
            }
        }
        map.put(key, value);
    }
}
