package lateen.cli.services;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.function.Consumer;
import lateen.services.dashboard.Dashboard;

/** The dashboard that comes with a mesh on this machine. A mesh runs without it: where the port is taken, that is said. */
public final class LocalDashboard implements AutoCloseable {
    private final AutoCloseable open;

    private LocalDashboard(AutoCloseable open) {
        this.open = open;
    }

    /**
     * On 127.0.0.1:15080.
     *
     * @param run its name
     * @param say gets one line: where it is, or why it is not there
     */
    public static LocalDashboard open(String run, Consumer<String> say) {
        try {
            InetSocketAddress loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), Dashboard.PORT);
            Dashboard dashboard = Dashboard.start(loopback, LocalSource.ofRun(run));
            say.accept("dashboard: " + dashboard.url());
            return new LocalDashboard(dashboard);
        } catch (IOException e) {
            say.accept("no dashboard: " + e.getMessage() + "; another port: lateen dashboard --run " + run
                    + " --listen 127.0.0.1:PORT");
            return new LocalDashboard(() -> {});
        }
    }

    @Override
    public void close() {
        try {
            open.close();
        } catch (Exception e) {
            throw new IllegalStateException("a dashboard closes without failing", e);
        }
    }
}
