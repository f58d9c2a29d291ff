package lateen.xds.decode;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.UnsafeByteOperations;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Compares the bytes of a message with {@link WireTable} before they are parsed: no descriptor, no reflection.
 *
 * <p>It says yes only to what {@link SupportedFields#check} accepts too. It may say no to more, such as a default value
 * spelled out on the wire; the check by descriptors then decides and finds the words.
 *
 * <p>On its way it parks maps: their tag gets the number of a field that the message does not have, so that the parser
 * keeps the entries as they are ({@link Parked} reads them). The generated code for maps would initialise the
 * descriptors of the whole file and of all files that it imports, which is tens of megabytes for a sidecar.
 */
final class WireWalk {

    /** As deep as protobuf's own parser goes. */
    private static final int DEEPEST = 100;

    private final byte[] bytes;
    private final CodedInputStream in;
    private boolean supported = true;
    private boolean clash;

    /**
     * @param bytes to parse
     * @param supported whether all fields are in the table
     * @param clash whether an unknown field has a number where a field was parked
     */
    record Outcome(ByteString bytes, boolean supported, boolean clash) {}

    private WireWalk(byte[] bytes) {
        this.bytes = bytes;
        this.in = CodedInputStream.newInstance(bytes);
    }

    /** @throws IOException the bytes are no message, or nested too deeply */
    static Outcome over(ByteString message, String fullName) throws IOException {
        WireWalk walk = new WireWalk(message.toByteArray());
        walk.message(fullName, 0);
        walk.in.checkLastTagWas(0);
        return new Outcome(UnsafeByteOperations.unsafeWrap(walk.bytes), walk.supported, walk.clash);
    }

    private void message(String fullName, int depth) throws IOException {
        if (depth > DEEPEST) {
            throw new IOException("nested more than " + DEEPEST + " deep");
        }
        WireTable.Fields fields = WireTable.message(fullName);
        if (fields == null) {
            supported = false;
        }
        for (int start = position(), tag = in.readTag(); tag != 0; start = position(), tag = in.readTag()) {
            int number = WireFormat.getTagFieldNumber(tag);
            WireTable.Field field = fields == null ? null : fields.field(number);
            if (field == null) {
                clash |= fields != null && fields.parks(number);
                refuse(tag);
            } else {
                field(field, tag, start, depth);
            }
        }
    }

    private void field(WireTable.Field field, int tag, int start, int depth) throws IOException {
        int wireType = WireFormat.getTagWireType(tag);
        boolean delimited = wireType == WireFormat.WIRETYPE_LENGTH_DELIMITED;
        boolean packed = field.repeated() && delimited;
        boolean expected = packed || wireType == switch (field.kind()) {
            case VARINT, ONLY -> WireFormat.WIRETYPE_VARINT;
            case FIXED32 -> WireFormat.WIRETYPE_FIXED32;
            case FIXED64 -> WireFormat.WIRETYPE_FIXED64;
            case BYTES, TEXT, ONLY_INSIDE, MESSAGE, MAP -> WireFormat.WIRETYPE_LENGTH_DELIMITED;
        };
        if (!expected) {
            refuse(tag);
            return;
        }
        if (field.parked() != 0) {
            retag(start, position(), field.parked());
        }
        switch (field.kind()) {
            case VARINT, FIXED32, FIXED64, BYTES -> skip(tag);
            case TEXT -> {
                var _ = in.readStringRequireUtf8();
            }
            case ONLY -> supported &= in.readRawVarint64() == field.only();
            case ONLY_INSIDE -> onlyInside(field.only());
            case MESSAGE -> inside(field.type(), depth);
            case MAP -> entry(field.type(), depth);
        }
    }

    private void inside(@Nullable String type, int depth) throws IOException {
        int limit = in.pushLimit(in.readRawVarint32());
        if (type == null) {
            in.skipRawBytes(in.getBytesUntilLimit());
        } else {
            message(type, depth + 1);
            in.checkLastTagWas(0);
        }
        in.popLimit(limit);
    }

    /** Of a map; a message with a key in field 1 and a value in field 2. */
    private void entry(@Nullable String type, int depth) throws IOException {
        int limit = in.pushLimit(in.readRawVarint32());
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (tag == Parked.KEY) {
                var _ = in.readStringRequireUtf8();
            } else if (tag == Parked.VALUE) {
                inside(type, depth + 1);
            } else {
                refuse(tag);
            }
        }
        in.popLimit(limit);
    }

    private void onlyInside(long only) throws IOException {
        int limit = in.pushLimit(in.readRawVarint32());
        long value = 0;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (tag == (1 << 3 | WireFormat.WIRETYPE_VARINT)) {
                value = in.readRawVarint64();
            } else {
                refuse(tag);
            }
        }
        supported &= value == only;
        in.popLimit(limit);
    }

    private void refuse(int tag) throws IOException {
        supported = false;
        skip(tag);
    }

    private void skip(int tag) throws IOException {
        if (!in.skipField(tag)) {
            throw new IOException("a group ends that did not begin");
        }
    }

    private int position() {
        return in.getTotalBytesRead();
    }

    /** Writes another number over a tag, as a varint of the same length, however long the sender made it. */
    private void retag(int start, int end, int number) {
        int tag = number << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
        for (int i = start; i < end; i++) {
            bytes[i] = (byte) ((tag & 0x7f) | (i == end - 1 ? 0 : 0x80));
            tag >>>= 7;
        }
    }
}
