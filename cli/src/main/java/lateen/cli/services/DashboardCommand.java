package lateen.cli.services;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.concurrent.Callable;
import lateen.services.dashboard.Dashboard;
import lateen.services.dashboard.MetricsSource;
import lateen.services.dashboard.ScrapedUrls;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code lateen dashboard}: the picture of a mesh, in the foreground. */
@Command(
        name = "dashboard",
        description =
                "Serves one page with the live graph of a mesh: who calls whom, how often, how well, and as whom.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "A mesh on this machine, started by `lateen demo` or `lateen up` (as root, to enter its namespaces):",
            "",
            "  lateen dashboard --run demo",
            "",
            "Any other, by the metrics of its sidecars, Envoy's too:",
            "",
            "  lateen dashboard --scrape http://10.0.0.5:15090/stats/prometheus --scrape http://10.0.0.6:15090/stats/prometheus",
            "",
            "The page shows who talks to whom: it listens on the loopback unless told otherwise. Its figures are also",
            "at /graph.json."
        })
public final class DashboardCommand implements Callable<Integer> {

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--run", paramLabel = "NAME", description = "a mesh on this machine (default: demo)")
    private @Nullable String run;

    @Option(
            names = "--scrape",
            paramLabel = "URL",
            description = "a sidecar's metrics in Prometheus' text format; once for each sidecar")
    private List<URI> scrape = List.of();

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:" + Dashboard.PORT,
            converter = HostPort.class,
            description = "where the page is (default: ${DEFAULT-VALUE})")
    private @Nullable InetSocketAddress listen;

    @Override
    public Integer call() throws InterruptedException {
        if (listen == null || spec == null) {
            throw new IllegalStateException("picocli sets these before it calls");
        }
        if (run != null && !scrape.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "--run and --scrape: both (expected: one of them)");
        }
        Foreground.logOneLineEach();
        try {
            Dashboard dashboard = Dashboard.start(listen, source());
            System.out.println("dashboard: " + dashboard.url());
            Foreground.until(dashboard);
            return 0;
        } catch (IOException e) {
            System.err.println("lateen dashboard: " + e.getMessage());
            return 1;
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage());
        }
    }

    private MetricsSource source() throws IOException {
        return scrape.isEmpty() ? LocalSource.ofRun(run == null ? "demo" : run) : new ScrapedUrls(scrape);
    }
}
