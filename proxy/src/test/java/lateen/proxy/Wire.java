package lateen.proxy;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Just enough HTTP/1 to play client and server byte by byte. */
final class Wire implements AutoCloseable {
    final Socket socket;
    final InputStream in;

    Wire(InetSocketAddress to) throws IOException {
        this(new Socket(InetAddress.getLoopbackAddress(), to.getPort()));
    }

    Wire(Socket connected) throws IOException {
        socket = connected;
        socket.setSoTimeout(10_000);
        in = new java.io.BufferedInputStream(socket.getInputStream());
    }

    Wire send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        return this;
    }

    /** A whole response: head and body. */
    String response() throws IOException {
        String head = head(in);
        return head + new String(body(head, in), StandardCharsets.ISO_8859_1);
    }

    String get(String path) throws IOException {
        return send("GET " + path + " HTTP/1.1\r\nHost: catalog\r\n\r\n").response();
    }

    /** All up to the end of the stream. */
    String rest() throws IOException {
        return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    /** Up to and with the empty line; empty: end of stream. */
    static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
            int b = in.read();
            if (b < 0) {
                return head.toString();
            }
            head.append((char) b);
        }
        return head.toString();
    }

    static byte[] body(String head, InputStream in) throws IOException {
        String length = header(head, "content-length");
        if (length != null) {
            return exactly(in, Integer.parseInt(length));
        }
        if (!"chunked".equals(header(head, "transfer-encoding"))) {
            return new byte[0];
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (true) {
            int size = Integer.parseInt(line(in), 16);
            body.writeBytes(exactly(in, size));
            line(in);
            if (size == 0) {
                return body.toByteArray();
            }
        }
    }

    private static byte[] exactly(InputStream in, int size) throws IOException {
        byte[] bytes = in.readNBytes(size);
        if (bytes.length < size) {
            throw new EOFException("body of " + bytes.length + " bytes (expected: " + size + ")");
        }
        return bytes;
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        int b;
        while ((b = in.read()) != '\n') {
            if (b < 0) {
                throw new EOFException("the stream ended within a line");
            }
            line.append((char) b);
        }
        return line.toString().strip();
    }

    static String header(String head, String name) {
        for (String line : head.split("\r\n")) {
            if (line.toLowerCase(Locale.ROOT).startsWith(name + ":")) {
                return line.substring(name.length() + 1).strip();
            }
        }
        return null;
    }
}
