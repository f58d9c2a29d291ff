package lateen.proxy.attacks;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import lateen.proxy.http2.Frames;

/**
 * A client that writes frames by hand over a socket, and notes what comes of each stream. It answers SETTINGS and PING as
 * any client does, and grants no window unless it is told to.
 */
final class Http2Client implements AutoCloseable {
    private static final int LONG_MILLIS = 10_000;

    final Socket socket;
    private final DataInputStream in;
    private final DefaultHttp2HeadersDecoder hpack = new DefaultHttp2HeadersDecoder();
    private final Map<Integer, StringBuilder> bodies = new HashMap<>();
    private final Map<Integer, String> statuses = new HashMap<>();
    /** What ended each stream: a status, or RST and the code. */
    final Map<Integer, String> ended = new TreeMap<>();

    /** The code of GOAWAY; -1: none has come. */
    long goaway = -1;

    boolean closed;
    long received;
    private int pongs;

    Http2Client(Socket connected, int... settings) throws IOException {
        socket = connected;
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(LONG_MILLIS);
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        send(Frames.preface(), Frames.settings(settings));
    }

    Http2Client send(ByteBuf... frames) throws IOException {
        socket.getOutputStream().write(ByteBufUtil.getBytes(Unpooled.wrappedBuffer(frames)));
        return this;
    }

    static String fields(String method, String path) {
        return ":method " + method + "\n:scheme http\n:path " + path + "\n:authority a";
    }

    Http2Client get(int stream, String path) throws IOException {
        return send(Frames.headers(stream, Frames.END_STREAM, fields("GET", path)));
    }

    String body(int stream) {
        return bodies.getOrDefault(stream, new StringBuilder()).toString();
    }

    /** Reads until the stream ended; what ended it, or {@code -} for the connection. */
    String await(int stream) throws IOException {
        while (!ended.containsKey(stream) && next()) {
            // On to the next frame.
        }
        return ended.getOrDefault(stream, "-");
    }

    /** Reads until all that was sent so far has been looked at; whether the connection lives. */
    boolean roundTrip() throws IOException {
        int wanted = pongs + 1;
        try {
            send(Frames.frame(6, 0, 0, new byte[8]));
        } catch (IOException broken) {
            closed = true;
            return false;
        }
        while (pongs < wanted) {
            if (!next()) {
                return false;
            }
        }
        return true;
    }

    /** Reads until the connection ends; the code of GOAWAY. */
    long awaitEnd() throws IOException {
        while (next()) {
            // On to the next frame.
        }
        return goaway;
    }

    /** Takes one frame; false: the connection ended. */
    boolean next() throws IOException {
        try {
            int first = in.readUnsignedByte();
            int length = first << 16 | in.readUnsignedShort();
            int type = in.readUnsignedByte();
            int flags = in.readUnsignedByte();
            int id = in.readInt();
            take(type, flags, id, Unpooled.wrappedBuffer(in.readNBytes(length)));
            return true;
        } catch (java.net.SocketTimeoutException late) {
            throw late;
        } catch (IOException end) {
            closed = true;
            return false;
        }
    }

    private void take(int type, int flags, int id, ByteBuf payload) throws IOException {
        boolean end = (flags & Frames.END_STREAM) != 0;
        switch (type) {
            case 0 -> {
                received += payload.readableBytes();
                bodies.computeIfAbsent(id, i -> new StringBuilder())
                        .append(payload.toString(StandardCharsets.ISO_8859_1));
            }
            case 1 -> {
                try {
                    CharSequence status = hpack.decodeHeaders(id, payload).status();
                    if (status != null) {
                        statuses.put(id, status.toString());
                    }
                } catch (Http2Exception e) {
                    throw new AssertionError(e);
                }
            }
            case 3 -> ended.putIfAbsent(id, "RST" + payload.readUnsignedInt());
            case 4 -> {
                if (!end) {
                    quietly(Frames.frame(4, 1, 0));
                }
            }
            case 6 -> {
                if (end) {
                    pongs++;
                } else {
                    quietly(Frames.frame(6, 1, 0, ByteBufUtil.getBytes(payload)));
                }
            }
            case 7 -> {
                payload.readInt();
                goaway = payload.readUnsignedInt();
            }
            default -> {}
        }
        if (type <= 1 && end) {
            ended.put(id, statuses.getOrDefault(id, "(no status)"));
        }
    }

    private void quietly(ByteBuf frame) {
        try {
            send(frame);
        } catch (IOException gone) {
            // The next read tells.
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
