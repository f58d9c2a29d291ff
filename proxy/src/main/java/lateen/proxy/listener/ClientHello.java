package lateen.proxy.listener;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Reads server name and ALPN out of a TLS ClientHello (RFC 8446 section 4.1.2, RFC 6066 section 3, RFC 7301) without
 * taking bytes. The message may be split over records and segments; more than {@link #MAX} bytes are not waited for.
 * Whatever is malformed is {@link Inspection.Other}: the TLS library, or the plaintext chain, then says what is wrong.
 */
final class ClientHello {
    static final int MAX = 16 * 1024;

    private static final Inspection NEED_MORE = new Inspection.NeedMore();
    private static final Inspection OTHER = new Inspection.Other();
    private static final int HANDSHAKE = 22;
    private static final int CLIENT_HELLO = 1;
    private static final int RECORD_HEADER = 5;
    private static final int SERVER_NAME = 0;
    private static final int ALPN = 16;

    private ClientHello() {}

    /** Looks at all readable bytes; neither index moves. */
    static Inspection inspect(ByteBuf in) {
        int at = in.readerIndex();
        int end = in.writerIndex();
        if (end > at && in.getByte(at) != HANDSHAKE) {
            return OTHER;
        }
        if (end - at < 3) {
            return NEED_MORE;
        }
        if (in.getByte(at + 1) != 3) {
            return OTHER;
        }
        ByteBuf message = in.alloc().heapBuffer(Math.min(MAX, Math.max(64, end - at)));
        try {
            while (end - at >= RECORD_HEADER) {
                int length = in.getUnsignedShort(at + 3);
                if (in.getByte(at) != HANDSHAKE || length == 0 || length > MAX) {
                    return OTHER;
                }
                int there = Math.min(length, end - at - RECORD_HEADER);
                message.writeBytes(in, at + RECORD_HEADER, there);
                at += RECORD_HEADER + length;
                if (message.readableBytes() >= 4) {
                    if (message.getByte(0) != CLIENT_HELLO) {
                        return OTHER;
                    }
                    int wanted = 4 + message.getUnsignedMedium(1);
                    if (wanted > MAX) {
                        return OTHER;
                    }
                    if (message.readableBytes() >= wanted) {
                        return parse(message.slice(4, wanted - 4));
                    }
                }
            }
            return in.readableBytes() >= MAX ? OTHER : NEED_MORE;
        } finally {
            message.release();
        }
    }

    private static Inspection parse(ByteBuf hello) {
        try {
            hello.skipBytes(2 + 32);
            hello.skipBytes(hello.readUnsignedByte());
            hello.skipBytes(hello.readUnsignedShort());
            hello.skipBytes(hello.readUnsignedByte());
            String serverName = "";
            List<String> alpn = List.of();
            if (hello.isReadable()) {
                ByteBuf extensions = hello.readSlice(hello.readUnsignedShort());
                while (extensions.isReadable()) {
                    int type = extensions.readUnsignedShort();
                    ByteBuf body = extensions.readSlice(extensions.readUnsignedShort());
                    if (type == SERVER_NAME) {
                        serverName = serverName(body);
                    } else if (type == ALPN) {
                        alpn = alpn(body);
                    }
                }
            }
            return new Inspection.Tls(serverName, alpn);
        } catch (IndexOutOfBoundsException malformed) {
            return OTHER;
        }
    }

    private static String serverName(ByteBuf body) {
        if (!body.isReadable()) {
            return "";
        }
        ByteBuf list = body.readSlice(body.readUnsignedShort());
        while (list.isReadable()) {
            int type = list.readUnsignedByte();
            ByteBuf name = list.readSlice(list.readUnsignedShort());
            if (type == 0) {
                return name.toString(StandardCharsets.US_ASCII).toLowerCase(Locale.ROOT);
            }
        }
        return "";
    }

    private static List<String> alpn(ByteBuf body) {
        List<String> protocols = new ArrayList<>();
        ByteBuf list = body.readSlice(body.readUnsignedShort());
        while (list.isReadable()) {
            protocols.add(list.readSlice(list.readUnsignedByte()).toString(StandardCharsets.US_ASCII));
        }
        return List.copyOf(protocols);
    }
}
