package lateen.xds.decode;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import java.io.IOException;

/**
 * A message that was parsed, and what the walk over its bytes said.
 *
 * @param message without its maps, see {@link Aside}
 * @param original as it came, for the words of a refusal
 */
record Unchecked<T extends Message>(T message, String fullName, ByteString original, WireWalk.Outcome walk) {

    static <T extends Message> Unchecked<T> parse(ByteString bytes, String fullName, T prototype, FieldPath at) {
        try {
            WireWalk.Outcome walk = WireWalk.over(bytes, fullName);
            return new Unchecked<>(parse(prototype, walk.bytes()), fullName, bytes, walk);
        } catch (IOException e) {
            // The parser's own words, of the bytes as they came.
            throw at.because("not a readable " + fullName + ": " + reason(prototype, bytes, e));
        }
    }

    /** Refuses the first field that is set and not supported. */
    T checked(FieldPath at) {
        if (!walk.supported()) {
            try {
                SupportedFields.check(parse(message, original), at);
            } catch (InvalidProtocolBufferException e) {
                throw at.because("not a readable " + fullName + ": " + e.getMessage());
            }
        }
        return message;
    }

    /** That place, with what was taken out of the message. */
    FieldPath inside(FieldPath at) {
        return at.with(walk.aside());
    }

    private static String reason(Message prototype, ByteString bytes, IOException walk) {
        try {
            var _ = parse(prototype, bytes);
            return String.valueOf(walk.getMessage());
        } catch (InvalidProtocolBufferException e) {
            return String.valueOf(e.getMessage());
        }
    }

    @SuppressWarnings("unchecked") // A message's own parser makes messages of its class.
    private static <T extends Message> T parse(T prototype, ByteString bytes) throws InvalidProtocolBufferException {
        return (T) prototype.getParserForType().parseFrom(bytes);
    }
}
