package lateen.cli.sidecar;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.function.BooleanSupplier;
import lateen.proxy.Proxy;
import lateen.xds.client.AdsClient;
import lateen.xds.client.NodeIdentity;

/** Readiness on 15021. */
final class Administration implements AutoCloseable {
    private final HttpServer health;

    private Administration(HttpServer health) {
        this.health = health;
    }

    static Administration start(Proxy proxy, AdsClient ads, NodeIdentity node, BooleanSupplier ready, Runnable quit)
            throws IOException {
        HttpServer health = HttpServer.create(new InetSocketAddress(15021), 16);
        health.createContext("/healthz/ready", exchange -> {
            boolean is = ready.getAsBoolean();
            byte[] body = (is ? "" : "not ready: " + ads.status() + "\n").getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(is ? 200 : 503, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        health.start();
        return new Administration(health);
    }

    @Override
    public void close() {
        health.stop(0);
    }
}
