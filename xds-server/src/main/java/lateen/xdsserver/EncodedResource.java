package lateen.xdsserver;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A resource in the form in which it is sent, made once and shared by all streams. Immutable.
 *
 * @param name as subscribed to
 * @param version equal exactly when the content is; also across restarts and replicas
 * @param body type URL and serialized message
 */
public record EncodedResource(String name, String version, Any body) {

    private static final int VERSION_BYTES = 8;

    /** Encodes with map entries in order, so that equal messages get equal versions. */
    public static EncodedResource of(String name, Message message) {
        Any body = pack(message);
        return new EncodedResource(name, hash(body.getValue()), body);
    }

    /** Like {@link Any#pack}, but with the entries of maps in order. */
    public static Any pack(Message message) {
        return Any.newBuilder()
                .setTypeUrl(
                        "type.googleapis.com/" + message.getDescriptorForType().getFullName())
                .setValue(deterministic(message))
                .build();
    }

    private static ByteString deterministic(Message message) {
        byte[] bytes = new byte[message.getSerializedSize()];
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        out.useDeterministicSerialization();
        try {
            message.writeTo(out);
        } catch (IOException e) {
            throw new AssertionError("an array of the message's own size takes the message", e);
        }
        return ByteString.copyFrom(bytes);
    }

    private static String hash(ByteString bytes) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(bytes.asReadOnlyByteBuffer());
            return HexFormat.of().formatHex(sha.digest(), 0, VERSION_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }
}
