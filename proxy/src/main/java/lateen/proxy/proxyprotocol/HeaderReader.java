package lateen.proxy.proxyprotocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import lateen.decision.config.ProxyProtocol;

/**
 * Tells headers from other bytes, without taking them. Whichever version it is, a header must be complete before anything
 * of it counts; more than {@link BinaryHeader#MAX} bytes are not waited for.
 */
public final class HeaderReader {
    private static final byte[] TEXT = "PROXY ".getBytes(StandardCharsets.US_ASCII);
    private static final int SHOWN = 16;

    private HeaderReader() {}

    /** Looks at all readable bytes; neither index moves. */
    public static HeaderRead read(ByteBuf in, ProxyProtocol wanted) {
        int there = in.readableBytes();
        for (int version = 1; version <= 2; version++) {
            byte[] signature = version == 1 ? TEXT : BinaryHeader.SIGNATURE;
            boolean refused = wanted.refused().contains(version);
            if ((refused && wanted.optional()) || !startsAs(in, signature)) {
                continue;
            }
            if (there < signature.length) {
                return new HeaderRead.NeedMore();
            }
            if (refused) {
                return new HeaderRead.Bad("version " + version + " (expected: not that one, see disallowed_versions)");
            }
            return version == 1 ? TextHeader.read(in) : BinaryHeader.read(in, wanted.kept());
        }
        if (wanted.optional()) {
            return new HeaderRead.Absent();
        }
        return new HeaderRead.Bad("no header; the connection begins with "
                + ByteBufUtil.hexDump(in, in.readerIndex(), Math.min(there, SHOWN)) + " in hexadecimal");
    }

    /** As far as bytes are there; nothing is the beginning of everything. */
    private static boolean startsAs(ByteBuf in, byte[] signature) {
        int length = Math.min(in.readableBytes(), signature.length);
        for (int i = 0; i < length; i++) {
            if (in.getByte(in.readerIndex() + i) != signature[i]) {
                return false;
            }
        }
        return true;
    }
}
