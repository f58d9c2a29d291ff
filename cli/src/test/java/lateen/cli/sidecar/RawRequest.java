package lateen.cli.sidecar;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1.1 request on a connection of its own, and its answer in a form that can be compared.
 *
 * @param tls null: plaintext
 * @param sni server name; empty: none
 */
record RawRequest(int port, @Nullable SSLContext tls, String sni, String line, List<String> headers) {

    /** Differ from run to run, or say who made them. */
    private static final Set<String> VOLATILE = Set.of(
            "date", "x-envoy-upstream-service-time", "x-request-id", "server", "connection", "transfer-encoding");

    static RawRequest to(int port, String line, String... headers) {
        return new RawRequest(port, null, "", line, List.of(headers));
    }

    RawRequest over(SSLContext context, String name) {
        return new RawRequest(port, context, name, line, headers);
    }

    /** Status line, the names and values of headers that mean something, sorted, an empty line, the body. */
    String answer() throws IOException {
        try (Socket socket = connect()) {
            StringBuilder request = new StringBuilder(line).append(" HTTP/1.1\r\n");
            if (headers.stream().noneMatch(each -> each.startsWith("host:"))) {
                request.append("host: shop.example.com\r\n");
            }
            headers.forEach(each -> request.append(each).append("\r\n"));
            request.append("connection: close\r\n\r\n");
            socket.getOutputStream().write(request.toString().getBytes(StandardCharsets.ISO_8859_1));
            return comparable(new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            return "no answer: " + e.getClass().getSimpleName();
        }
    }

    private Socket connect() throws IOException {
        if (tls == null) {
            Socket socket = new Socket("127.0.0.1", port);
            socket.setSoTimeout(10_000);
            return socket;
        }
        SSLSocket socket = (SSLSocket) tls.getSocketFactory().createSocket("127.0.0.1", port);
        socket.setSoTimeout(10_000);
        if (!sni.isEmpty()) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setServerNames(List.of(new SNIHostName(sni)));
            socket.setSSLParameters(parameters);
        }
        socket.startHandshake();
        return socket;
    }

    private static String comparable(String answer) {
        int end = answer.indexOf("\r\n\r\n");
        if (end < 0) {
            return "no whole answer: '" + answer + "'";
        }
        List<String> lines =
                new ArrayList<>(Arrays.asList(answer.substring(0, end).split("\r\n")));
        String status = lines.removeFirst().substring(0, "HTTP/1.1 200".length());
        Set<String> sorted = new TreeSet<>();
        for (String each : lines) {
            String name = each.substring(0, each.indexOf(':')).toLowerCase(Locale.ROOT);
            if (!VOLATILE.contains(name)) {
                sorted.add(name + each.substring(each.indexOf(':')));
            }
        }
        return status + "\n" + String.join("\n", sorted) + "\n\n" + answer.substring(end + 4);
    }
}
