package lateen.proxy.listener;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Jazzer: the first bytes of a connection, as both inspectors see them. What less bytes decide, more do not change. */
public final class InspectionFuzz {
    private InspectionFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        ByteBuf in = Unpooled.wrappedBuffer(input);
        Inspection tls = ClientHello.inspect(in);
        HttpPreface.inspect(in);
        if (in.readerIndex() != 0 || in.readableBytes() != input.length) {
            throw new IllegalStateException("an index moved");
        }
        Inspection half = ClientHello.inspect(in.slice(0, input.length / 2));
        if (!(half instanceof Inspection.NeedMore) && !half.equals(tls)) {
            throw new IllegalStateException(half + " became " + tls);
        }
    }

    public static List<byte[]> seeds() {
        return List.of(
                "GET / HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII),
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII),
                // A ClientHello with one cipher, a server name and a protocol.
                ByteBufUtil.decodeHexDump("1603010048010000440303" + "00".repeat(32)
                        + "0000021301010000190000000800060000" + "0361622e" + "001000050003026832" + "002b00020304"));
    }
}
