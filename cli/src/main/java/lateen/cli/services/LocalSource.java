package lateen.cli.services;

import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import lateen.identity.SpiffeId;
import lateen.local.RunDirectory;
import lateen.local.RunView;
import lateen.services.dashboard.MetricsSource;

/** The dashboard's figures of a mesh on this machine: each sidecar asked inside its own network namespace, all at once. */
public final class LocalSource implements MetricsSource {
    private final RunView run;

    private LocalSource(RunView run) {
        this.run = run;
    }

    /** @throws IOException when there is no such run */
    public static LocalSource ofRun(String name) throws IOException {
        return ofRun(RunDirectory.ROOT, name);
    }

    static LocalSource ofRun(Path root, String name) throws IOException {
        return new LocalSource(RunView.of(root, name));
    }

    @Override
    public String name() {
        return run.run();
    }

    @Override
    public Observation observe() throws InterruptedException {
        List<RunView.Host> hosts;
        try {
            hosts = run.hosts();
        } catch (IOException e) {
            return new Observation(
                    List.of(new Page.Missing("run " + run.run(), "it is not there any more")), List.of());
        }
        List<Page> pages = new ArrayList<>();
        // Entering a namespace takes a thread of its own anyway; these only wait.
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Page>> asked = hosts.stream()
                    .filter(host -> host.identity().isPresent())
                    .map(host -> threads.submit(() -> page(host)))
                    .toList();
            for (Future<Page> one : asked) {
                pages.add(one.get());
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
        return new Observation(
                pages,
                hosts.stream()
                        .map(host -> new Host(
                                host.service(),
                                host.version(),
                                host.namespace(),
                                host.identity().map(SpiffeId::toString).orElse("")))
                        .toList());
    }

    private Page page(RunView.Host host) {
        try {
            String text = run.metrics(host);
            return new Page.Read(host.name(), System.nanoTime(), text);
        } catch (ConnectException e) {
            return new Page.Missing(host.name(), "its sidecar does not run");
        } catch (IOException e) {
            return new Page.Missing(host.name(), String.valueOf(e.getMessage()));
        }
    }
}
