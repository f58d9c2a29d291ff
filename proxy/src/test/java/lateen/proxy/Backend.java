package lateen.proxy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/** An application on plain JDK sockets: each connection runs a script. */
final class Backend implements AutoCloseable {
    interface Script {
        void run(Socket socket, InputStream in, OutputStream out) throws Exception;
    }

    final ServerSocket server;
    final AtomicInteger connections = new AtomicInteger();

    Backend(Script script) throws IOException {
        this(InetAddress.getLoopbackAddress(), script);
    }

    Backend(InetAddress address, Script script) throws IOException {
        server = new ServerSocket(0, 128, address);
        Thread.ofVirtual().start(() -> {
            while (!server.isClosed()) {
                try {
                    Socket socket = server.accept();
                    connections.incrementAndGet();
                    Thread.ofVirtual().start(() -> {
                        try (socket) {
                            script.run(socket, socket.getInputStream(), socket.getOutputStream());
                        } catch (Exception ended) {
                            // The other side went away; the test looks at what it saw itself.
                        }
                    });
                } catch (IOException closed) {
                    return;
                }
            }
        });
    }

    /** Answers every request with 200 and its own head and body as the body. */
    static Backend echoing() throws IOException {
        return echoing(InetAddress.getLoopbackAddress());
    }

    static Backend echoing(InetAddress address) throws IOException {
        return new Backend(address, (socket, in, out) -> {
            String head;
            while (!(head = Wire.head(in)).isEmpty()) {
                byte[] body = Wire.body(head, in);
                byte[] all =
                        (head + new String(body, StandardCharsets.ISO_8859_1)).getBytes(StandardCharsets.ISO_8859_1);
                // As one write: the second of two would wait for the first one's acknowledgement.
                ByteArrayOutputStream answer = new ByteArrayOutputStream();
                answer.writeBytes(("HTTP/1.1 200 OK\r\nContent-Length: " + all.length + "\r\n\r\n")
                        .getBytes(StandardCharsets.ISO_8859_1));
                answer.writeBytes(all);
                answer.writeTo(out);
            }
        });
    }

    int port() {
        return server.getLocalPort();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
