package lateen.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What makes requests, in a closed loop, and what came of them. */
interface Load {
    /**
     * @param units of work that were done: requests, handshakes, or GB
     * @param perSecond of them
     * @param raw the commands and what they printed
     */
    record Outcome(double units, double perSecond, String raw) {}

    /**
     * One run from one core.
     *
     * @throws IllegalStateException when a request failed: such a run says nothing
     */
    Outcome run(int port, int core, int seconds);

    /** What a program printed, and the line that it was started with. */
    record Output(String command, String text) {
        String raw() {
            return "$ " + command.replace("\r\n", "\\r\\n") + "\n" + text;
        }

        IllegalStateException failed() {
            return new IllegalStateException("a run with failures says nothing: " + raw());
        }
    }

    /** Runs a command on one core, for {@code seconds} and some more at most. */
    static Output output(int core, int seconds, List<String> command) {
        Process process = start(core, command);
        return finish(process, seconds, command);
    }

    static Process start(int core, List<String> command) {
        try {
            return new ProcessBuilder(Machine.pinned(core, command))
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run " + command.getFirst(), e);
        }
    }

    static Output finish(Process process, int seconds, List<String> command) {
        // A peer that hangs ends the generator's patience, not the benchmark.
        process.onExit().orTimeout(seconds + 30L, TimeUnit.SECONDS).exceptionally(late -> {
            process.destroyForcibly();
            return process;
        });
        try {
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            Output output = new Output(String.join(" ", command), text);
            if (process.waitFor() != 0) {
                throw output.failed();
            }
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read what " + command.getFirst() + " prints", e);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** The same command so often side by side, each with its own output. */
    static List<Output> sideBySide(int times, int core, int seconds, List<String> command) {
        List<Process> processes = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            processes.add(start(core, command));
        }
        return processes.stream()
                .map(process -> finish(process, seconds, command))
                .toList();
    }
}
