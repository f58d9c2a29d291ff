package lateen.proxy.http2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Frames as a peer writes and reads them, without any of the engine's own code. */
public final class Frames {

    public static final int END_STREAM = 1;
    public static final int END_HEADERS = 4;
    static final String GET = ":method GET\n:scheme http\n:path /\n:authority a";
    static final String POST = ":method POST\n:scheme http\n:path /\n:authority a";

    private Frames() {}

    public static ByteBuf frame(int type, int flags, int streamId, byte... payload) {
        return Unpooled.buffer()
                .writeMedium(payload.length)
                .writeByte(type)
                .writeByte(flags)
                .writeInt(streamId)
                .writeBytes(payload);
    }

    public static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    public static byte[] word(long value) {
        return bytes((int) (value >> 24), (int) (value >> 16), (int) (value >> 8), (int) value);
    }

    public static ByteBuf preface() {
        return Unpooled.copiedBuffer("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", StandardCharsets.US_ASCII);
    }

    public static ByteBuf settings(int... pairs) {
        ByteBuf payload = Unpooled.buffer();
        for (int i = 0; i < pairs.length; i += 2) {
            payload.writeShort(pairs[i]).writeInt(pairs[i + 1]);
        }
        return frame(4, 0, 0, ByteBufUtil.getBytes(payload));
    }

    /** Lines {@code name value} as literals that no table takes. */
    public static byte[] block(String lines) {
        List<String> fields = new ArrayList<>();
        for (String line : lines.split("\n", -1)) {
            if (!line.isEmpty()) {
                int space = line.indexOf(' ');
                fields.add(line.substring(0, space));
                fields.add(line.substring(space + 1));
            }
        }
        return literals(fields);
    }

    /** Names and values in turn, of any bytes, as literals that no table takes. */
    public static byte[] literals(List<String> namesAndValues) {
        ByteBuf out = Unpooled.buffer();
        for (int i = 0; i < namesAndValues.size(); i += 2) {
            out.writeByte(0);
            string(out, namesAndValues.get(i));
            string(out, namesAndValues.get(i + 1));
        }
        return ByteBufUtil.getBytes(out);
    }

    private static void string(ByteBuf out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        if (bytes.length < 127) {
            out.writeByte(bytes.length);
        } else {
            out.writeByte(127);
            int rest = bytes.length - 127;
            for (; rest >= 128; rest >>= 7) {
                out.writeByte(rest & 127 | 128);
            }
            out.writeByte(rest);
        }
        out.writeBytes(bytes);
    }

    public static ByteBuf headers(int streamId, int flags, String lines) {
        return frame(1, flags | END_HEADERS, streamId, block(lines));
    }

    public static ByteBuf data(int streamId, int flags, String text) {
        return frame(0, flags, streamId, text.getBytes(StandardCharsets.ISO_8859_1));
    }

    public static ByteBuf windowUpdate(int streamId, int increment) {
        return frame(8, 0, streamId, word(increment));
    }

    public static ByteBuf rst(int streamId, long code) {
        return frame(3, 0, streamId, word(code));
    }

    /** What the engine wrote, a line for each frame; heads decoded by Netty. Takes all whole frames. */
    static List<String> read(ByteBuf in, DefaultHttp2HeadersDecoder hpack) {
        List<String> out = new ArrayList<>();
        while (in.readableBytes() >= 9) {
            int length = in.readUnsignedMedium();
            int type = in.readUnsignedByte();
            int flags = in.readUnsignedByte();
            int id = in.readInt();
            ByteBuf payload = in.readSlice(length);
            out.add(text(type, flags, id, payload, hpack));
        }
        return out;
    }

    private static String text(int type, int flags, int id, ByteBuf payload, DefaultHttp2HeadersDecoder hpack) {
        boolean one = (flags & 1) != 0;
        return switch (type) {
            case 0 -> "DATA " + id + " " + payload.readableBytes() + (one ? " END" : "");
            case 1 -> "HEADERS " + id + (one ? " END" : "") + " " + decoded(id, payload, hpack);
            case 3 -> "RST_STREAM " + id + " " + payload.readUnsignedInt();
            case 4 -> one ? "SETTINGS ACK" : "SETTINGS";
            case 6 -> "PING" + (one ? " ACK " : " ") + payload.readLong();
            case 7 ->
                "GOAWAY " + payload.readInt() + " " + payload.readUnsignedInt() + " "
                        + payload.toString(StandardCharsets.US_ASCII);
            case 8 -> "WINDOW_UPDATE " + id + " " + payload.readUnsignedInt();
            default -> "FRAME " + type + " " + flags + " " + id;
        };
    }

    private static String decoded(int id, ByteBuf payload, DefaultHttp2HeadersDecoder hpack) {
        try {
            StringBuilder text = new StringBuilder();
            hpack.decodeHeaders(id, payload)
                    .forEach(header -> text.append(header.getKey())
                            .append('=')
                            .append(header.getValue())
                            .append(' '));
            return text.toString().strip();
        } catch (Http2Exception e) {
            throw new AssertionError(e);
        }
    }
}
