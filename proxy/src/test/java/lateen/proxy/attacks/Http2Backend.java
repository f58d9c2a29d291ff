package lateen.proxy.attacks;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import lateen.proxy.http2.Frames;

/**
 * A back end that speaks HTTP/2 by hand: it answers each request with its name, and to {@code /cut/N} it gives so many bytes
 * of the frames and resets the connection.
 */
final class Http2Backend implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 128, InetAddress.getLoopbackAddress());
    private final List<Socket> open = new CopyOnWriteArrayList<>();

    Http2Backend() throws IOException {
        Thread.ofVirtual().start(() -> {
            while (!server.isClosed()) {
                try {
                    Socket socket = server.accept();
                    open.add(socket);
                    Thread.ofVirtual().start(() -> serve(socket));
                } catch (IOException closed) {
                    return;
                }
            }
        });
    }

    /** The frames of an answer. */
    static byte[] answer(int stream, String body) {
        return ByteBufUtil.getBytes(Unpooled.wrappedBuffer(
                Frames.headers(stream, 0, ":status 200\nserver hand"), Frames.data(stream, Frames.END_STREAM, body)));
    }

    private void serve(Socket socket) {
        try (socket) {
            DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
            in.readNBytes(24);
            write(socket, ByteBufUtil.getBytes(Frames.settings()));
            DefaultHttp2HeadersDecoder hpack = new DefaultHttp2HeadersDecoder();
            while (true) {
                int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
                int type = in.readUnsignedByte();
                int flags = in.readUnsignedByte();
                int id = in.readInt();
                ByteBuf payload = Unpooled.wrappedBuffer(in.readNBytes(length));
                if (type == 4 && flags == 0) {
                    write(socket, ByteBufUtil.getBytes(Frames.frame(4, 1, 0)));
                } else if (type == 6 && flags == 0) {
                    write(socket, ByteBufUtil.getBytes(Frames.frame(6, 1, 0, ByteBufUtil.getBytes(payload))));
                } else if (type == 1) {
                    var head = hpack.decodeHeaders(id, payload);
                    String path = head.path().toString();
                    byte[] answer = answer(id, head.method() + " " + path);
                    if (path.startsWith("/cut/")) {
                        socket.getOutputStream()
                                .write(answer, 0, Math.min(answer.length, Integer.parseInt(path.substring(5))));
                        socket.setSoLinger(true, 0);
                        return;
                    }
                    write(socket, answer);
                }
            }
        } catch (Exception gone) {
            // The proxy's test looks at what the proxy did.
        } finally {
            open.remove(socket);
        }
    }

    private static void write(Socket socket, byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    int port() {
        return server.getLocalPort();
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
