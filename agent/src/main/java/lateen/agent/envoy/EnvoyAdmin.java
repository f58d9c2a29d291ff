package lateen.agent.envoy;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** Envoy's administration interface on loopback. Blocks. */
final class EnvoyAdmin {
    private static final int LIMIT_MILLIS = 1_000;
    /** HTTP requests under way, and connections of listeners and of the HTTP part of them. */
    private static final String ACTIVITY =
            "/stats?filter=^(http\\..*\\.downstream_(rq|cx)_active|listener\\..*\\.downstream_cx_active)$";

    private final int port;

    EnvoyAdmin(int port) {
        this.port = port;
    }

    void post(String path) throws IOException {
        ask("POST", path);
    }

    /** Whether a request is being served, or a TCP connection is open; idle HTTP connections do not count. */
    boolean busy() throws IOException {
        return busy(ask("GET", ACTIVITY));
    }

    static boolean busy(String stats) {
        long requests = 0;
        long opaque = 0;
        for (String line : stats.lines().toList()) {
            int colon = line.lastIndexOf(": ");
            if (colon < 0 || line.startsWith("http.admin.") || line.startsWith("listener.admin.")) {
                continue;
            }
            long value = Long.parseLong(line.substring(colon + 2).strip());
            if (line.startsWith("listener.")) {
                opaque += line.contains(".worker_") ? 0 : value;
            } else if (line.contains(".downstream_rq_active:")) {
                requests += value;
            } else {
                opaque -= value;
            }
        }
        return requests > 0 || opaque > 0;
    }

    private String ask(String method, String path) throws IOException {
        URI uri = URI.create("http://127.0.0.1:" + port
                + path.replace("\\", "%5C").replace("^", "%5E").replace("|", "%7C"));
        HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection(java.net.Proxy.NO_PROXY);
        connection.setConnectTimeout(LIMIT_MILLIS);
        connection.setReadTimeout(LIMIT_MILLIS);
        connection.setRequestMethod(method);
        try {
            int status = connection.getResponseCode();
            if (status != 200) {
                throw new IOException(method + " " + path + ": status " + status + " (expected: 200)");
            }
            return new String(connection.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } finally {
            connection.disconnect();
        }
    }
}
