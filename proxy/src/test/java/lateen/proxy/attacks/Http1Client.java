package lateen.proxy.attacks;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Sends a row's bytes and tells what came of it, in the words of {@link Row#ours}. */
final class Http1Client implements AutoCloseable {
    private static final int LONG_MILLIS = 10_000;

    private final Socket socket;
    private final InputStream in;
    /** The bodies of answers of 200. */
    final List<String> bodies = new ArrayList<>();

    Http1Client(Side side) throws IOException {
        socket = side.open();
        in = new BufferedInputStream(socket.getInputStream());
        socket.setSoTimeout(LONG_MILLIS);
    }

    void send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** A request that is beyond doubt, and the body of its answer. */
    String get(String path) throws IOException {
        send("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n");
        String status = answer(false);
        return status.equals("200") ? bodies.removeLast() : status;
    }

    /**
     * What comes, until it is what is expected or cannot be any more.
     *
     * @param expected of {@link Row#ours}
     */
    String outcome(String expected, boolean toHead) throws IOException {
        String statuses = expected.substring(0, expected.length() - 1);
        StringBuilder seen = new StringBuilder();
        while (!seen.toString().strip().equals(statuses.strip())) {
            String status = answer(toHead);
            seen.append(seen.isEmpty() ? "" : " ").append(status);
            if (!statuses.startsWith(seen.toString())) {
                return seen.toString();
            }
        }
        String so = seen.toString();
        return so
                + switch (expected.charAt(expected.length() - 1)) {
                    case '-' -> answer(false);
                    case '=' -> get("/probe").equals("GET /probe") ? "=" : "?";
                    default -> {
                        // What was sent is all looked at before its end is: no answer, and it waited for more.
                        socket.shutdownOutput();
                        String rest = answer(false);
                        yield rest.equals("-") ? "…" : " " + rest;
                    }
                };
    }

    /** The status of the next answer; {@code -}: the connection ended. */
    private String answer(boolean toHead) {
        try {
            return read(toHead);
        } catch (SocketTimeoutException late) {
            return "(nothing)";
        } catch (IOException reset) {
            return "-";
        }
    }

    private String read(boolean toHead) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
            int b = in.read();
            if (b < 0) {
                return head.isEmpty() ? "-" : "(cut)";
            }
            head.append((char) b);
        }
        String status = head.substring(9, 12);
        int length = 0;
        boolean chunked = false;
        for (String line : head.toString().toLowerCase(Locale.ROOT).split("\r\n")) {
            if (line.startsWith("content-length:")) {
                length = Integer.parseInt(line.substring(15).strip());
            }
            chunked |= line.startsWith("transfer-encoding:");
        }
        if (toHead || chunked) {
            length = 0;
        }
        String body = new String(in.readNBytes(length), StandardCharsets.ISO_8859_1);
        if (status.equals("200")) {
            bodies.add(body);
        }
        return status;
    }

    /** The status of the first answer; {@code -}: there is none. */
    String firstStatus() {
        return answer(false);
    }

    /** How many bytes come until the end. */
    long drained() {
        long all = 0;
        byte[] block = new byte[1 << 16];
        try {
            for (int n = 0; n >= 0; n = in.read(block)) {
                all += n;
            }
        } catch (IOException reset) {
            // So is this an end.
        }
        return all;
    }

    void shutdownOutput() throws IOException {
        socket.shutdownOutput();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
