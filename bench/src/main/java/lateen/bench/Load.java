package lateen.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What makes requests, in a closed loop, and what came of them. */
interface Load {
    /**
     * @param requests that were answered
     * @param perSecond of them
     */
    record Outcome(long requests, double perSecond) {}

    /**
     * One run from one core.
     *
     * @throws IllegalStateException when a request failed: such a run says nothing
     */
    Outcome run(int port, int core, int seconds);

    /** The output of a command that was pinned to a core. */
    static String output(int core, List<String> command) {
        List<String> pinned = new ArrayList<>(List.of("taskset", "-c", Integer.toString(core)));
        pinned.addAll(command);
        try {
            Process process =
                    new ProcessBuilder(pinned).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw failed(pinned, output);
            }
            return output;
        } catch (IOException e) {
            throw new IllegalStateException("cannot run " + command.getFirst(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    static IllegalStateException failed(List<String> command, String output) {
        return new IllegalStateException("a run with failures says nothing: " + command + "\n" + output);
    }
}
