package lateen.xds.source;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.rpc.Status;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Messages written by hand: a generated class with a map would initialise the descriptors of its file and of all that it
 * imports, even when the map is empty.
 */
public final class Written {

    private Written() {}

    /** Writes the fields of one message. */
    public interface Writing {
        void to(CodedOutputStream out) throws IOException;
    }

    public static ByteString of(Writing writing) {
        ByteString.Output bytes = ByteString.newOutput();
        try {
            CodedOutputStream out = CodedOutputStream.newInstance(bytes);
            writing.to(out);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return bytes.toByteString();
    }

    /** Of a map with text as keys. */
    public static ByteString entry(String key, ByteString valueField) {
        return of(out -> out.writeString(1, key)).concat(valueField);
    }

    /** {@code error_detail} of a NACK. */
    static Status refusal(String reason) {
        return Status.newBuilder()
                .setCode(com.google.rpc.Code.INVALID_ARGUMENT_VALUE)
                .setMessage(reason)
                .build();
    }
}
