package shop;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The HTTP face of one service. Every GET is answered with the service's own part of the shop, put together with the next
 * service's answer; {@code x-request-id} is handed on, nothing else is.
 *
 * <p>Status: 200; 405 for another method; 502 with a reason when the next service did not answer 200; any other when it is
 * in {@link Trouble}.
 */
final class HttpService implements AutoCloseable {
    static final String REQUEST_ID = "x-request-id";

    static {
        // The JDK's server otherwise waits for delayed acknowledgements (40 ms), and drops idle connections after 30 s.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        System.setProperty("sun.net.httpserver.idleInterval", "600");
    }

    private final String name;
    private final String version;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Optional<NextService> next;
    private final Trouble trouble;
    private final ServedLog log;

    private HttpService(
            String name,
            String version,
            HttpServer server,
            Optional<NextService> next,
            Trouble trouble,
            ServedLog log) {
        this.name = name;
        this.version = version;
        this.server = server;
        this.next = next;
        this.trouble = trouble;
        this.log = log;
    }

    /** @param version told in every answer; empty: not told */
    static HttpService start(
            String name, String version, int port, Optional<HostPort> next, Trouble trouble, ServedLog log)
            throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(port), 256);
        HttpService service = new HttpService(name, version, server, next.map(NextService::new), trouble, log);
        server.createContext("/", service::answer);
        server.setExecutor(service.threads);
        server.start();
        return service;
    }

    int port() {
        return server.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        String requestId = exchange.getRequestHeaders().getFirst(REQUEST_ID);
        String path = exchange.getRequestURI().toString();
        Answer answer;
        if (exchange.getRequestMethod().equals("GET")) {
            answer = body(path, requestId);
        } else {
            answer = new Answer(405, "{\"error\":\"only GET is served here\"}");
        }
        // Logged before it is sent: who has the answer in hands can rely on the line being there.
        log.http(
                exchange.getRemoteAddress(),
                exchange.getRequestMethod(),
                path,
                requestId == null ? "" : requestId,
                answer.status());
        byte[] bytes = (answer.body() + "\n").getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("content-type", "application/json");
        try (exchange) {
            exchange.sendResponseHeaders(answer.status(), bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    private Answer body(String path, String requestId) {
        int status = trouble.statusAfterItsDelay();
        if (status != 200) {
            return new Answer(status, "{\"service\":" + who() + ",\"error\":\"in trouble\"}");
        }
        if (next.isEmpty()) {
            return new Answer(200, "{\"service\":" + who() + ",\"stars\":{\"Moby-Dick\":5,\"Walden\":4}}");
        }
        Answer inner = next.get().get(path, requestId);
        if (inner.status() != 200) {
            return new Answer(502, "{\"service\":" + who() + ",\"error\":" + Json.quote(inner.body()) + "}");
        }
        return new Answer(200, "{\"service\":" + who() + ",\"from\":" + inner.body() + "}");
    }

    private String who() {
        return Json.quote(name) + (version.isEmpty() ? "" : ",\"version\":" + Json.quote(version));
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
