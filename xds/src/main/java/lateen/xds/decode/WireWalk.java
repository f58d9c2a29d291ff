package lateen.xds.decode;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.UnsafeByteOperations;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * Compares the bytes of a message with {@link WireTable} before they are parsed: no descriptor, no reflection.
 *
 * <p>It says yes only to what {@link SupportedFields#check} accepts too. It may say no to more, such as a default value
 * spelled out on the wire; the check by descriptors then decides and finds the words.
 *
 * <p>On its way it takes maps out of the message and sets them aside ({@link Aside}). The generated code for maps, as
 * that for unknown fields, would initialise the descriptors of its file and of all that it imports.
 */
final class WireWalk {

    /** As deep as protobuf's own parser goes. */
    private static final int DEEPEST = 100;

    private final ByteString bytes;
    private final CodedInputStream in;
    private boolean supported = true;

    /**
     * @param bytes to parse
     * @param supported whether all fields are in the table
     */
    record Outcome(ByteString bytes, boolean supported, Aside aside) {}

    private WireWalk(ByteString bytes) {
        this.bytes = bytes;
        this.in = bytes.newCodedInput();
    }

    /** @throws IOException the bytes are no message, or nested too deeply */
    static Outcome over(ByteString message, String fullName) throws IOException {
        WireWalk walk = new WireWalk(message);
        Aside aside = new Aside();
        ByteString rest = walk.message(fullName, 0, aside);
        // Flat again: a chain of pieces is slow to parse.
        ByteString flat = aside.isEmpty() ? message : UnsafeByteOperations.unsafeWrap(rest.toByteArray());
        return new Outcome(flat, walk.supported, aside);
    }

    /** Up to the end of the input or of the limit set; the message without what was set aside. */
    private ByteString message(String fullName, int depth, Aside aside) throws IOException {
        if (depth > DEEPEST) {
            throw new IOException("nested more than " + DEEPEST + " deep");
        }
        WireTable.Fields fields = WireTable.message(fullName);
        supported &= fields != null;
        Copy copy = new Copy(position());
        Map<String, Integer> indexes = new HashMap<>(0);
        for (int start = position(), tag = in.readTag(); tag != 0; start = position(), tag = in.readTag()) {
            WireTable.Field field = fields == null ? null : fields.field(WireFormat.getTagFieldNumber(tag));
            if (field == null || !isExpected(field, WireFormat.getTagWireType(tag))) {
                supported = false;
                skip(tag);
            } else if (field.kind() == WireTable.Kind.MESSAGE && !field.aside()) {
                int index = field.repeated() ? indexes.merge(field.name(), 1, Integer::sum) - 1 : -1;
                Aside inner = new Aside();
                ByteString rest = inside(field.type(), depth, inner);
                if (!inner.isEmpty()) {
                    copy.replace(start, tag, rest);
                    aside.put(field.name(), index, inner);
                }
            } else {
                value(field, tag, depth);
                if (field.aside()) {
                    copy.leaveOut(start);
                    aside.put(field.name(), content(start));
                }
            }
        }
        in.checkLastTagWas(0);
        return copy.done();
    }

    private static boolean isExpected(WireTable.Field field, int wireType) {
        boolean packed = field.repeated() && wireType == WireFormat.WIRETYPE_LENGTH_DELIMITED;
        return packed
                || wireType
                        == switch (field.kind()) {
                            case VARINT, ONLY -> WireFormat.WIRETYPE_VARINT;
                            case FIXED32 -> WireFormat.WIRETYPE_FIXED32;
                            case FIXED64 -> WireFormat.WIRETYPE_FIXED64;
                            case BYTES, TEXT, ONLY_INSIDE, MESSAGE, MAP -> WireFormat.WIRETYPE_LENGTH_DELIMITED;
                        };
    }

    private void value(WireTable.Field field, int tag, int depth) throws IOException {
        switch (field.kind()) {
            case VARINT, FIXED32, FIXED64, BYTES -> skip(tag);
            case TEXT -> {
                var _ = in.readStringRequireUtf8();
            }
            case ONLY -> supported &= in.readRawVarint64() == field.only();
            case ONLY_INSIDE -> onlyInside(field.only());
            case MESSAGE -> {
                var _ = inside(field.type(), depth, new Aside());
            }
            case MAP -> entry(field.type(), depth);
        }
    }

    private ByteString inside(String type, int depth, Aside aside) throws IOException {
        int limit = in.pushLimit(in.readRawVarint32());
        ByteString rest = message(type, depth + 1, aside);
        in.popLimit(limit);
        return rest;
    }

    /** Of a map; it is set aside as a whole, so nothing inside has to be. */
    private void entry(String type, int depth) throws IOException {
        int limit = in.pushLimit(in.readRawVarint32());
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (tag == WireMap.KEY) {
                var _ = in.readStringRequireUtf8();
            } else if (tag == WireMap.VALUE) {
                var _ = inside(type, depth + 1, new Aside());
            } else {
                supported = false;
                skip(tag);
            }
        }
        in.popLimit(limit);
    }

    private void onlyInside(long only) throws IOException {
        int limit = in.pushLimit(in.readRawVarint32());
        long value = 0;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (tag == ((1 << 3) | WireFormat.WIRETYPE_VARINT)) {
                value = in.readRawVarint64();
            } else {
                supported = false;
                skip(tag);
            }
        }
        supported &= value == only;
        in.popLimit(limit);
    }

    private void skip(int tag) throws IOException {
        if (!in.skipField(tag)) {
            throw new IOException("a group ends that did not begin");
        }
    }

    private int position() {
        return in.getTotalBytesRead();
    }

    /** What is after the tag and the length of the field from {@code start} to here. */
    private ByteString content(int start) throws IOException {
        CodedInputStream field = bytes.substring(start, position()).newCodedInput();
        var _ = field.readTag();
        return field.readBytes();
    }

    /** The bytes of one message with some fields replaced or left out; nothing is copied when none is. */
    private final class Copy {
        private final int start;
        private int copied;
        private ByteString before = ByteString.EMPTY;

        Copy(int start) {
            this.start = start;
            this.copied = start;
        }

        /** The field from there to here. */
        void leaveOut(int from) {
            before = before.concat(bytes.substring(copied, from));
            copied = position();
        }

        void replace(int from, int tag, ByteString content) throws IOException {
            leaveOut(from);
            ByteString.Output head = ByteString.newOutput(16);
            CodedOutputStream out = CodedOutputStream.newInstance(head);
            out.writeUInt32NoTag(tag);
            out.writeUInt32NoTag(content.size());
            out.flush();
            before = before.concat(head.toByteString()).concat(content);
        }

        ByteString done() {
            ByteString rest = bytes.substring(copied, position());
            return copied == start && before.isEmpty() ? rest : before.concat(rest);
        }
    }
}
