package lateen.proxy.attacks;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Requests as a back end reads them that takes nothing but the grammar: a byte that two readers could understand
 * differently makes a request ambiguous. RFC 9112 sections 2 to 7. Nothing of the proxy's own code.
 */
final class StrictReader {
    private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";

    private final InputStream in;
    private String ambiguity = "";

    StrictReader(InputStream in) {
        this.in = in;
    }

    /** A request that is complete. */
    record Request(String method, String target, long body, String ambiguity, boolean awaited) {
        /** As the tables have it. */
        @Override
        public String toString() {
            String text = method + " " + target + (body > 0 ? " +" + body : "");
            return ambiguity.isEmpty() ? text : "AMBIGUOUS(" + ambiguity + ") " + text;
        }
    }

    /** The connection ended within a request. */
    static final class Cut extends IOException {
        private static final long serialVersionUID = 1;

        Cut(String what) {
            super(what);
        }
    }

    /** Called between head and body of a request that waits for 100. */
    interface Continue {
        void send() throws IOException;
    }

    /** Null: the connection ended between requests. */
    Request next(Continue go) throws IOException {
        ambiguity = "";
        String head = head();
        if (head == null) {
            return null;
        }
        String[] lines = head.split("\r\n", -1);
        String[] first = lines[0].split(" ", -1);
        if (first.length != 3 || !first[2].equals("HTTP/1.1") || !lines[0].matches("[\\x21-\\x7e ]+")) {
            wrong("request line");
        }
        String method = first[0];
        String target = first.length > 1 ? first[1] : "";
        if (!method.matches(TOKEN) || !target.matches("[/*][\\x21-\\x7e&&[^#]]*|[^/]+:[0-9]+")) {
            wrong("method or target");
        }
        long length = -1;
        boolean chunked = false;
        int hosts = 0;
        boolean awaited = false;
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            String name = colon < 0 ? "" : lines[i].substring(0, colon).toLowerCase(Locale.ROOT);
            String value = colon < 0 ? "" : lines[i].substring(colon + 1).strip();
            if (!name.matches(TOKEN) || !lines[i].substring(colon + 1).matches("[\\t\\x20-\\x7e\\x80-\\xff]*")) {
                wrong("line " + i);
            }
            switch (name) {
                case "content-length" -> {
                    if (length >= 0 || !value.matches("0*[0-9]{1,18}")) {
                        wrong("content-length");
                    }
                    length = value.matches("0*[0-9]{1,18}") ? new BigInteger(value).longValue() : 0;
                }
                case "transfer-encoding" -> {
                    if (chunked || !value.equalsIgnoreCase("chunked")) {
                        wrong("transfer-encoding");
                    }
                    chunked = true;
                }
                case "host" -> hosts++;
                case "expect" -> awaited = value.equalsIgnoreCase("100-continue");
                case "upgrade", "http2-settings", "te", "keep-alive", "proxy-connection", "trailer" -> wrong(name);
                case "connection" -> wrong(name + " " + value);
                default -> {}
            }
        }
        if (hosts != 1) {
            wrong(hosts + " hosts");
        }
        if (chunked && length >= 0) {
            wrong("both framings");
        }
        if (awaited) {
            go.send();
        }
        String told = method + " " + target;
        long body = chunked ? chunks(told) : Math.max(0, length);
        if (!chunked) {
            exactly(body, told);
        }
        return new Request(method, target, body, ambiguity, awaited);
    }

    private void wrong(String what) {
        ambiguity += (ambiguity.isEmpty() ? "" : ", ") + what;
    }

    /** Up to the empty line; null: nothing came. */
    private String head() throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
            int b = read();
            if (b < 0) {
                if (head.isEmpty()) {
                    return null;
                }
                throw new Cut("head");
            }
            head.append((char) b);
        }
        return head.substring(0, head.length() - 4);
    }

    private int read() throws IOException {
        return in.read();
    }

    private void exactly(long bytes, String what) throws IOException {
        for (long i = 0; i < bytes; i++) {
            if (read() < 0) {
                throw new Cut(what);
            }
        }
    }

    private long chunks(String what) throws IOException {
        long all = 0;
        while (true) {
            String line = line(what);
            if (!line.matches("[0-9a-fA-F]{1,15}")) {
                wrong("chunk size");
                return all;
            }
            long size = Long.parseLong(line, 16);
            all += size;
            exactly(size, what);
            if (!line(what).isEmpty()) {
                wrong(size == 0 ? "trailers" : "chunk end");
            }
            if (size == 0) {
                return all;
            }
        }
    }

    private String line(String what) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int before = -1;
        while (true) {
            int b = read();
            if (b < 0) {
                throw new Cut(what);
            }
            if (b == '\n') {
                if (before != '\r') {
                    wrong("bare LF");
                }
                String text = line.toString(StandardCharsets.ISO_8859_1);
                return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
            }
            before = b;
            line.write(b);
        }
    }
}
