package shop;

import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** One line of JSON on standard output for each request served, with the peer as the application saw it. Thread-safe. */
final class ServedLog {
    private final String service;
    private final PrintStream out;

    ServedLog(String service, PrintStream out) {
        this.service = service;
        this.out = out;
    }

    void started(int httpPort, int tcpPort) {
        Map<String, Object> fields = fields("start");
        fields.put("http", httpPort);
        fields.put("tcp", tcpPort);
        print(fields);
    }

    void http(InetSocketAddress peer, String method, String path, String requestId, int status) {
        Map<String, Object> fields = fields("http");
        fields.put("peer", address(peer));
        fields.put("method", method);
        fields.put("path", path);
        fields.put("request_id", requestId);
        fields.put("status", status);
        print(fields);
    }

    void tcp(InetSocketAddress peer, String line) {
        Map<String, Object> fields = fields("tcp");
        fields.put("peer", address(peer));
        fields.put("line", line);
        print(fields);
    }

    private Map<String, Object> fields(String protocol) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("time", Instant.now().toString());
        fields.put("service", service);
        fields.put("protocol", protocol);
        return fields;
    }

    /** RFC 3986 form: IPv6 in brackets; an IPv4 peer of a dual-stack socket is plain IPv4. */
    static String address(InetSocketAddress peer) {
        String ip = peer.getAddress().getHostAddress();
        int zone = ip.indexOf('%');
        if (zone >= 0) {
            ip = ip.substring(0, zone);
        }
        return (ip.contains(":") ? "[" + ip + "]" : ip) + ":" + peer.getPort();
    }

    private void print(Map<String, Object> fields) {
        StringBuilder line = new StringBuilder(160).append('{');
        fields.forEach((key, value) -> {
            if (line.length() > 1) {
                line.append(',');
            }
            line.append(Json.quote(key)).append(':');
            line.append(value instanceof Number ? value.toString() : Json.quote(value.toString()));
        });
        out.println(line.append('}'));
    }
}
