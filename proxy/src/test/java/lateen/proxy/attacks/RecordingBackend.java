package lateen.proxy.attacks;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * A real back end on plain sockets. It notes each request that its {@link StrictReader} counts, and those that were cut,
 * and answers each with its own name, so that a client can tell whose answer it got; {@code /bytes/N} with so many bytes,
 * {@code /never} not at all, {@code /cut/N} with so many bytes of the answer and a reset.
 */
final class RecordingBackend implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 128, InetAddress.getLoopbackAddress());
    private final List<String> arrived = new CopyOnWriteArrayList<>();
    private final List<String> cuts = new CopyOnWriteArrayList<>();
    private final List<Socket> open = new CopyOnWriteArrayList<>();

    RecordingBackend() throws IOException {
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

    private void serve(Socket socket) {
        try (socket) {
            StrictReader reader = new StrictReader(new BufferedInputStream(socket.getInputStream()));
            StrictReader.@Nullable Request request;
            while ((request = reader.next(() -> write(socket, "HTTP/1.1 100 Continue\r\n\r\n"))) != null) {
                arrived.add(request.toString());
                String name = request.toString();
                if (request.target().startsWith("/never")) {
                    socket.getInputStream().readAllBytes();
                    return;
                }
                if (request.target().startsWith("/bytes/")) {
                    bytes(socket, Integer.parseInt(request.target().substring(7)));
                    continue;
                }
                if (request.target().startsWith("/cut/")) {
                    String all = answer(name);
                    write(
                            socket,
                            all.substring(
                                    0,
                                    Math.min(
                                            all.length(),
                                            Integer.parseInt(request.target().substring(5)))));
                    socket.setSoLinger(true, 0);
                    return;
                }
                String all = answer(name);
                write(socket, request.method().equals("HEAD") ? all.substring(0, all.length() - name.length()) : all);
            }
        } catch (StrictReader.Cut cut) {
            cuts.add(cut.getMessage());
        } catch (IOException gone) {
            cuts.add("" + gone.getMessage());
        } finally {
            open.remove(socket);
        }
    }

    static String answer(String body) {
        return "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
    }

    private static void bytes(Socket socket, int size) throws IOException {
        write(socket, "HTTP/1.1 200 OK\r\nContent-Length: " + size + "\r\n\r\n");
        byte[] piece = new byte[16384];
        for (int left = size; left > 0; left -= piece.length) {
            socket.getOutputStream().write(piece, 0, Math.min(left, piece.length));
        }
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    int port() {
        return server.getLocalPort();
    }

    /** In the order in which they were complete. */
    List<String> arrived() {
        return arrived;
    }

    /** Of which the connection ended within them. */
    List<String> cuts() {
        return cuts;
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
