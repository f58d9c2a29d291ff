package lateen.services.page;

import com.sun.net.httpserver.Headers;
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

/**
 * Answers GET (and HEAD) on fixed paths.
 *
 * <p>A name in {@code Host} other than {@code localhost} is refused: a page of a stranger whose name was made to point here
 * (DNS rebinding) sends its own name. Addresses are let in, as nobody can rebind an address. The content policy lets a page
 * use its own server's files and nothing else.
 *
 * <p>Threading: one virtual thread a request, on which the page is asked for.
 */
public final class PageServer implements AutoCloseable {
    private static final String CONTENT_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; "
            + "connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /** What a path answers with. */
    public record Page(String contentType, String body) {

        public static Page text(String contentType, String body) {
            return new Page(contentType + "; charset=utf-8", body);
        }
    }

    private PageServer(HttpServer server, Map<String, Supplier<Page>> pages) {
        this.server = server;
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            try (exchange) {
                answer(exchange, pages);
            }
        });
        server.start();
    }

    /** @throws IOException when the port cannot be had, saying which */
    public static PageServer start(InetSocketAddress address, Map<String, Supplier<Page>> pages) throws IOException {
        try {
            return new PageServer(HttpServer.create(address, 0), Map.copyOf(pages));
        } catch (IOException e) {
            throw new IOException(
                    "cannot listen on " + address.getHostString() + ":" + address.getPort() + ": " + e.getMessage(), e);
        }
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return server.getAddress();
    }

    private static void answer(HttpExchange exchange, Map<String, Supplier<Page>> pages) throws IOException {
        String method = exchange.getRequestMethod();
        Supplier<Page> page = pages.get(exchange.getRequestURI().getPath());
        if (!HostName.allowed(exchange.getRequestHeaders().getFirst("host"))) {
            send(exchange, 421, Page.text("text/plain", "Host: not this server (expected: an address or localhost)\n"));
        } else if (!method.equals("GET") && !method.equals("HEAD")) {
            exchange.getResponseHeaders().set("allow", "GET, HEAD");
            send(exchange, 405, Page.text("text/plain", "method: not allowed here (expected: GET)\n"));
        } else if (page == null) {
            send(exchange, 404, Page.text("text/plain", "not here\n"));
        } else {
            send(exchange, 200, page.get());
        }
    }

    private static void send(HttpExchange exchange, int status, Page page) throws IOException {
        byte[] body = page.body().getBytes(StandardCharsets.UTF_8);
        Headers headers = exchange.getResponseHeaders();
        headers.set("content-type", page.contentType());
        headers.set("content-security-policy", CONTENT_POLICY);
        headers.set("x-content-type-options", "nosniff");
        headers.set("referrer-policy", "no-referrer");
        headers.set("cross-origin-resource-policy", "same-origin");
        headers.set("cache-control", "no-store");
        boolean head = exchange.getRequestMethod().equals("HEAD");
        if (head) {
            headers.set("content-length", Integer.toString(body.length));
        }
        exchange.sendResponseHeaders(status, head || body.length == 0 ? -1 : body.length);
        if (!head) {
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(body);
            }
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
