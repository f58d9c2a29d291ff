package lateen.services.dashboard;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;
import lateen.services.page.PageServer;
import lateen.services.page.PageServer.Page;

/**
 * One page with the live graph of a mesh, all of it served from here. All methods may be called by any thread.
 *
 * <p>It shows who talks to whom: have it listen on the loopback, unless that may be known.
 */
public final class Dashboard implements AutoCloseable {
    /** Where people look for it, on 127.0.0.1. */
    public static final int PORT = 15080;

    private final Watch watch;
    private final PageServer server;

    private Dashboard(Watch watch, PageServer server) {
        this.watch = watch;
        this.server = server;
    }

    /**
     * Serves until it is closed. The source is asked only while somebody looks.
     *
     * @param address port 0 takes a free one
     * @throws IOException when the port cannot be had, saying which
     */
    public static Dashboard start(InetSocketAddress address, MetricsSource source) throws IOException {
        return start(address, source, Watch.INTERVAL);
    }

    static Dashboard start(InetSocketAddress address, MetricsSource source, Duration interval) throws IOException {
        Watch watch = new Watch(source, interval);
        Supplier<Page> page = file("dashboard.html", "text/html");
        Map<String, Supplier<Page>> pages = Map.of(
                "/", page,
                "/dashboard.css", file("dashboard.css", "text/css"),
                "/dashboard.js", file("dashboard.js", "text/javascript"),
                "/format.js", file("format.js", "text/javascript"),
                "/icon.svg", file("icon.svg", "image/svg+xml"),
                "/graph.json", () -> Page.text("application/json", watch.picture()));
        try {
            return new Dashboard(watch, PageServer.start(address, pages));
        } catch (IOException e) {
            watch.close();
            throw e;
        }
    }

    private static Supplier<Page> file(String name, String type) {
        try (InputStream in = Dashboard.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is missing beside " + Dashboard.class);
            }
            Page page = Page.text(type, new String(in.readAllBytes(), StandardCharsets.UTF_8));
            return () -> page;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What to open in a browser. */
    public URI url() {
        InetSocketAddress at = server.address();
        String host = at.getAddress().isAnyLocalAddress()
                ? "127.0.0.1"
                : at.getAddress().getHostAddress();
        return URI.create("http://" + (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + at.getPort() + "/");
    }

    @Override
    public void close() {
        server.close();
        watch.close();
    }
}
