package lateen.cli.sidecar;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.Logger;
import lateen.proxy.Proxy;
import lateen.proxy.admin.AdminLimits;
import lateen.proxy.admin.AdminPages;
import lateen.proxy.admin.AdminPort;
import lateen.proxy.admin.AdminServer;
import lateen.proxy.admin.LogLevel;
import lateen.proxy.restart.InheritedSockets;

/** Which administration ports a proxy of this command has. */
final class Administration {
    static final String VERSION = "0.1.0";

    private Administration() {}

    /**
     * The ports of a sidecar: 15000 on loopback, 15021 and 15090 on every interface.
     *
     * @throws IOException naming the port that cannot be had
     */
    static AdminServer ofSidecar(Proxy proxy, AdminPages pages) throws IOException {
        return open(
                proxy,
                List.of(
                        AdminPort.local("administration", 15000, pages.administration()),
                        AdminPort.everywhere("readiness", 15021, pages.health()),
                        AdminPort.everywhere("metrics", 15090, pages.metrics())));
    }

    private static AdminServer open(Proxy proxy, List<AdminPort> ports) throws IOException {
        AdminServer server = bind(proxy, ports, InheritedSockets.none());
        server.accept();
        return server;
    }

    /**
     * Answers nothing until it accepts.
     *
     * @param inherited sockets of a process before
     * @throws IOException naming the port that cannot be had; then none is open
     */
    static AdminServer bind(Proxy proxy, List<AdminPort> ports, InheritedSockets inherited) throws IOException {
        try {
            return AdminServer.bind(proxy.loop(), proxy.allocator(), AdminLimits.DEFAULT, ports, inherited)
                    .toCompletableFuture()
                    .join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof IOException unbound) {
                throw unbound;
            }
            throw e;
        }
    }

    /** Sets the level of all loggers. The handlers follow: theirs would hide what loggers let pass. */
    static void logging(LogLevel level) {
        Level julLevel = switch (level) {
            case TRACE -> Level.FINEST;
            case DEBUG -> Level.FINE;
            case INFO -> Level.INFO;
            case WARNING -> Level.WARNING;
            case ERROR, CRITICAL -> Level.SEVERE;
            case OFF -> Level.OFF;
        };
        Logger root = Logger.getLogger("");
        root.setLevel(julLevel);
        for (Handler handler : root.getHandlers()) {
            handler.setLevel(julLevel);
        }
    }
}
