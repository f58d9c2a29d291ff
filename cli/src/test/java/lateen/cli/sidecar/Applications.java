package lateen.cli.sidecar;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** HTTP servers that answer with their name. */
final class Applications implements AutoCloseable {

    private final List<HttpServer> servers = new ArrayList<>();

    /** Its port. */
    int start(String name) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            try (exchange) {
                byte[] body = name.getBytes(StandardCharsets.UTF_8);
                exchange.getResponseHeaders()
                        .set("x-path", exchange.getRequestURI().toString());
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
            }
        });
        server.start();
        servers.add(server);
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        servers.forEach(each -> each.stop(0));
    }
}
