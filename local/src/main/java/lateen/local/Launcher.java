package lateen.local;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Starts child processes, all from one platform thread that lives as long as the run: the kernel's parent-death signal
 * follows the thread that created a process, not its process.
 */
final class Launcher implements AutoCloseable {
    /** For all programs; the mesh's own Java comes before it for applications. */
    static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private final ExecutorService thread = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("lateen-launcher").factory());
    private final RunDirectory run;

    Launcher(RunDirectory run) {
        this.run = run;
    }

    /**
     * Starts a program inside a namespace.
     *
     * @param environment all that it gets, beside PATH and LANG
     */
    Process start(Namespace namespace, Account user, List<String> command, Map<String, String> environment, Path folder)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(namespace.command(user, command)).directory(folder.toFile());
        builder.environment().clear();
        builder.environment().putAll(Map.of("PATH", PATH, "LANG", "C.UTF-8"));
        builder.environment().putAll(environment);
        try {
            Process process = thread.submit(builder::start).get();
            ProcessStamp.started(process.pid()).ifPresent(started -> record(process, started));
            return process;
        } catch (ExecutionException e) {
            throw new IOException(command.getFirst() + " in " + namespace.name() + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(command.getFirst() + ": interrupted", e);
        }
    }

    private void record(Process process, long started) {
        try {
            run.created(new Created.Child(new ProcessStamp(process.pid(), started)));
        } catch (IOException e) {
            // Not written down; it is still found by its namespace, and the kernel kills it with this thread.
            process.destroyForcibly();
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
