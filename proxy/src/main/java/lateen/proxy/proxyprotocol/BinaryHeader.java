package lateen.proxy.proxyprotocol;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import lateen.decision.config.ProxyProtocol.Kept;
import lateen.decision.config.ProxyProtocol.Tlv;
import lateen.decision.net.IpAddress;
import lateen.decision.net.SocketAddr;
import org.jspecify.annotations.Nullable;

/** Version 2 ({@code proxy-protocol.txt} section 2.2). Checksums of headers are not looked at. */
final class BinaryHeader {
    static final byte[] SIGNATURE = {'\r', '\n', '\r', '\n', 0, '\r', '\n', 'Q', 'U', 'I', 'T', '\n'};
    /** Of a whole header; what haproxy and load balancers send is a tenth of that. */
    static final int MAX = 8192;

    private static final int FIXED = 16;
    private static final int LOCAL = 0x20;
    private static final int PROXY = 0x21;
    private static final int UNSPECIFIED = 0x00;
    private static final int TCP4 = 0x11;
    private static final int TCP6 = 0x21;
    private static final int TCP4_BYTES = 12;
    private static final int TCP6_BYTES = 36;
    private static final int NOOP = 0x04;

    private BinaryHeader() {}

    /** The signature is there. */
    static HeaderRead read(ByteBuf in, Kept kept) {
        int start = in.readerIndex();
        if (in.readableBytes() < FIXED) {
            return new HeaderRead.NeedMore();
        }
        int command = in.getUnsignedByte(start + SIGNATURE.length);
        int family = in.getUnsignedByte(start + SIGNATURE.length + 1);
        int rest = in.getUnsignedShort(start + SIGNATURE.length + 2);
        int length = FIXED + rest;
        if (command != LOCAL && command != PROXY) {
            return new HeaderRead.Bad("version and command 0x" + Integer.toHexString(command)
                    + " (expected: 0x20, local, or 0x21, proxy)");
        }
        if (length > MAX) {
            return new HeaderRead.Bad(length + " bytes (expected: at most " + MAX + ")");
        }
        if (in.readableBytes() < length) {
            return new HeaderRead.NeedMore();
        }
        if (command == LOCAL || family == UNSPECIFIED) {
            return new HeaderRead.Silent(length);
        }
        int addresses = family == TCP4 ? TCP4_BYTES : TCP6_BYTES;
        if (family != TCP4 && family != TCP6) {
            return new HeaderRead.Bad("family and transport 0x" + Integer.toHexString(family)
                    + " (expected: 0x11, TCP over IPv4, or 0x21, over IPv6)");
        }
        if (rest < addresses) {
            return new HeaderRead.Bad(rest + " bytes of addresses (expected: " + addresses + " or more)");
        }
        int at = start + FIXED;
        List<Tlv> tlvs = tlvs(in, at + addresses, start + length, kept);
        if (tlvs == null) {
            return new HeaderRead.Bad("an addition that does not end where the header does");
        }
        int ip = family == TCP4 ? 4 : 16;
        return new HeaderRead.Found(
                new ProxyHeader(
                        new SocketAddr(ip(in, at, ip), in.getUnsignedShort(at + 2 * ip)),
                        new SocketAddr(ip(in, at + ip, ip), in.getUnsignedShort(at + 2 * ip + 2)),
                        tlvs),
                length);
    }

    private static IpAddress ip(ByteBuf in, int at, int length) {
        return length == 4 ? IpAddress.v4(in.getInt(at)) : IpAddress.v6(in.getLong(at), in.getLong(at + 8));
    }

    /** Null: they are malformed. */
    private static @Nullable List<Tlv> tlvs(ByteBuf in, int from, int end, Kept kept) {
        List<Tlv> found = new ArrayList<>();
        int at = from;
        while (at < end) {
            if (end - at < 3) {
                return null;
            }
            int type = in.getUnsignedByte(at);
            int length = in.getUnsignedShort(at + 1);
            at += 3;
            if (end - at < length) {
                return null;
            }
            if (type != NOOP && kept.keeps(type)) {
                found.add(new Tlv(type, in.toString(at, length, StandardCharsets.ISO_8859_1)));
            }
            at += length;
        }
        return found;
    }

    /** @param header null: of nobody; the connection is the proxy's own */
    static void write(@Nullable ProxyHeader header, ByteBuf out) {
        out.writeBytes(SIGNATURE);
        if (header == null || header.source().isUnix() || header.destination().isUnix()) {
            out.writeByte(LOCAL).writeByte(UNSPECIFIED).writeShort(0);
            return;
        }
        boolean v6 = header.source().ip().v6() || header.destination().ip().v6();
        int tlvs = header.tlvs().stream()
                .mapToInt(each -> 3 + each.value().length())
                .sum();
        out.writeByte(PROXY).writeByte(v6 ? TCP6 : TCP4).writeShort((v6 ? TCP6_BYTES : TCP4_BYTES) + tlvs);
        ip(header.source().ip(), v6, out);
        ip(header.destination().ip(), v6, out);
        out.writeShort(header.source().port()).writeShort(header.destination().port());
        for (Tlv each : header.tlvs()) {
            out.writeByte(each.type()).writeShort(each.value().length());
            out.writeCharSequence(each.value(), StandardCharsets.ISO_8859_1);
        }
    }

    private static void ip(IpAddress ip, boolean v6, ByteBuf out) {
        if (v6 && !ip.v6()) {
            // RFC 4291 section 2.5.5.2.
            out.writeLong(0).writeInt(0xFFFF).writeInt((int) ip.low());
        } else if (v6) {
            out.writeLong(ip.high()).writeLong(ip.low());
        } else {
            out.writeInt((int) ip.low());
        }
    }
}
