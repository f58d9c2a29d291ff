package lateen.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Stream;

/** All supervised processes of a run, by name. Safe for use by several threads. */
final class Processes {
    static final String CONTROL_PLANE = "control-plane";
    static final String SIDECAR = "sidecar-";
    static final String APPLICATION = "app-";

    private final Path logs;
    private final Duration grace;
    private final ScheduledExecutorService restarts = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("lateen-restarts").factory());
    private final List<Supervised> all = new ArrayList<>(); // in the order of starting; guarded by itself

    /** @param grace how long one that is to end may take */
    Processes(Path logs, Duration grace) throws IOException {
        this.logs = logs;
        this.grace = grace;
        Files.createDirectories(logs);
        Files.setPosixFilePermissions(logs, PosixFilePermissions.fromString("rwx------"));
    }

    /** A process that does not run yet. */
    Supervised add(String name, Supervised.Start start) {
        Supervised process = new Supervised(
                name,
                new LineLog(logs.resolve(name + ".out")),
                new LineLog(logs.resolve(name + ".err")),
                restarts,
                grace,
                start);
        synchronized (all) {
            all.add(process);
        }
        return process;
    }

    Supervised named(String name) {
        synchronized (all) {
            return all.stream()
                    .filter(one -> one.name().equals(name))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** Ends those of one instance, its sidecar first, which lets calls finish, and forgets them; returns their names. */
    List<String> endOf(String instance) {
        List<Supervised> applications;
        List<Supervised> sidecars;
        synchronized (all) {
            applications = all.stream()
                    .filter(one -> one.name().equals(APPLICATION + instance)
                            || one.name().startsWith(APPLICATION + instance + "."))
                    .toList();
            sidecars = all.stream()
                    .filter(one -> one.name().equals(SIDECAR + instance))
                    .toList();
            all.removeAll(applications);
            all.removeAll(sidecars);
        }
        end(sidecars);
        end(applications);
        return Stream.concat(applications.stream(), sidecars.stream())
                .map(Supervised::name)
                .toList();
    }

    /** Ends applications, then sidecars, then the control plane; nothing is started again. */
    void endAll() {
        restarts.shutdownNow();
        for (String kind : List.of(APPLICATION, SIDECAR, CONTROL_PLANE)) {
            List<Supervised> ending;
            synchronized (all) {
                ending = all.stream().filter(one -> one.name().startsWith(kind)).toList();
            }
            end(ending);
        }
    }

    private static void end(List<Supervised> some) {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            some.forEach(one -> threads.execute(one::close));
        }
    }

    /** That it does not run as it should, with its last words. */
    IOException failure(String name, String state) {
        Supervised process = named(name);
        return new IOException(name + ": " + state + "; it said:"
                + process.out().tail() + process.err().tail());
    }
}
