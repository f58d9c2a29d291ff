package shop;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is wrong with this instance, told by somebody on the same machine: {@code POST /?status=503&delay=200} on a loopback
 * port; the delay is in milliseconds. {@code status=200&delay=0} is health. Thread-safe.
 */
final class Trouble implements AutoCloseable {
    private static final Pattern ORDER = Pattern.compile("status=([2-5]\\d\\d)&delay=(\\d{1,5})");

    /** Both change together. */
    private record Now(int status, int delayMillis) {}

    private volatile Now now = new Now(200, 0);
    private HttpServer server;

    static Trouble listening(int port) throws IOException {
        Trouble trouble = new Trouble();
        trouble.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 8);
        trouble.server.createContext("/", trouble::order);
        trouble.server.start();
        return trouble;
    }

    int port() {
        return server.getAddress().getPort();
    }

    private void order(HttpExchange exchange) throws IOException {
        try (exchange) {
            String query = exchange.getRequestURI().getQuery();
            Matcher order = ORDER.matcher(query == null ? "" : query);
            boolean understood = exchange.getRequestMethod().equals("POST") && order.matches();
            if (understood) {
                now = new Now(Integer.parseInt(order.group(1)), Integer.parseInt(order.group(2)));
            }
            exchange.sendResponseHeaders(understood ? 204 : 400, -1);
        }
    }

    /** Sleeps as long as it is told, and says with which status to answer. */
    int statusAfterItsDelay() {
        Now instance = now;
        if (instance.delayMillis > 0) {
            try {
                Thread.sleep(instance.delayMillis);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        return instance.status;
    }

    @Override
    public void close() {
        if (server != null) {
            server.stop(0);
        }
    }
}
