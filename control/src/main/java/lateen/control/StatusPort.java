package lateen.control;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/** Answers GET on fixed paths with text. Threading: one virtual thread a request; the texts are asked there. */
final class StatusPort implements AutoCloseable {

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /** @throws PortInUse when the port is taken */
    StatusPort(InetSocketAddress address, String purpose, Map<String, Supplier<String>> pages) throws IOException {
        try {
            server = HttpServer.create(address, 0);
        } catch (IOException e) {
            throw new PortInUse(address, purpose, e);
        }
        server.setExecutor(threads);
        server.createContext("/", exchange -> answer(exchange, pages));
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    private static void answer(HttpExchange exchange, Map<String, Supplier<String>> pages) throws IOException {
        try (exchange) {
            Supplier<String> page = pages.get(exchange.getRequestURI().getPath());
            boolean get = exchange.getRequestMethod().equals("GET");
            int status = page == null ? 404 : get ? 200 : 405;
            String text =
                    switch (status) {
                        case 404 -> "not here (expected: one of " + pages.keySet() + ")\n";
                        case 405 -> exchange.getRequestMethod() + " (expected: GET)\n";
                        default -> page == null ? "" : page.get();
                    };
            byte[] body = text.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders()
                    .set("content-type", text.startsWith("[") ? "application/json" : "text/plain; charset=utf-8");
            exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(body);
            }
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.close();
    }
}
