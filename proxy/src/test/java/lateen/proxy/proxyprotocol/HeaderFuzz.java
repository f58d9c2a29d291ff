package lateen.proxy.proxyprotocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import lateen.decision.config.ProxyProtocol;
import lateen.decision.config.ProxyProtocol.Kept;

/** Jazzer: the first bytes of a connection with PROXY protocol. Nothing is decided before a header is complete, and
 * its length is its own. */
public final class HeaderFuzz {
    private HeaderFuzz() {}

    private static final ProxyProtocol NEEDED = new ProxyProtocol(false, Set.of(), new Kept(true, Set.of()));

    public static void fuzzerTestOneInput(byte[] input) {
        ByteBuf in = Unpooled.wrappedBuffer(input);
        HeaderRead all = HeaderReader.read(in, NEEDED);
        if (in.readerIndex() != 0 || in.readableBytes() != input.length) {
            throw new IllegalStateException("an index moved");
        }
        int length = switch (all) {
            case HeaderRead.Found found -> found.length();
            case HeaderRead.Silent silent -> silent.length();
            case HeaderRead.NeedMore _, HeaderRead.Absent _, HeaderRead.Bad _ -> 0;
        };
        if (length > 0) {
            if (!HeaderReader.read(in.slice(0, length), NEEDED).equals(all)) {
                throw new IllegalStateException("what follows the header counts");
            }
            if (!(HeaderReader.read(in.slice(0, length - 1), NEEDED) instanceof HeaderRead.NeedMore)) {
                throw new IllegalStateException("decided before the header is complete");
            }
        }
    }

    public static List<byte[]> seeds() {
        String two = "0d0a0d0a000d0a515549540a";
        return List.of(
                "PROXY TCP4 192.168.0.1 10.0.0.9 56324 443\r\nGET".getBytes(StandardCharsets.US_ASCII),
                "PROXY TCP6 fd00::1 ::ffff:10.0.0.2 1 2\r\n".getBytes(StandardCharsets.US_ASCII),
                "PROXY UNKNOWN\r\n".getBytes(StandardCharsets.US_ASCII),
                ByteBufUtil.decodeHexDump(two + "2111000c0a0000010a00000200010002"),
                ByteBufUtil.decodeHexDump(two + "211100110a0000010a00000200010002020002" + "6162"),
                ByteBufUtil.decodeHexDump(two + "20000000"));
    }
}
