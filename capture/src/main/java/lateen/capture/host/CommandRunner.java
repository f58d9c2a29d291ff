package lateen.capture.host;

import java.io.IOException;
import java.util.List;

/** Runs a program of the system. Replaced in tests. */
public interface CommandRunner {
    /**
     * Runs to the end.
     *
     * @param command program and arguments, never a shell's line
     * @param input its standard input
     * @throws IOException when it cannot be started (then {@link ProgramMissingException}), takes too long, or says too
     *     much
     */
    Result run(List<String> command, String input) throws IOException;

    /** How it ended and what it said. */
    record Result(int status, String output, String errors) {
        public boolean ok() {
            return status == 0;
        }
    }

    /** The program is not installed, or not on the path. */
    final class ProgramMissingException extends IOException {
        private static final long serialVersionUID = 1L;

        public ProgramMissingException(String program, IOException cause) {
            super("cannot start " + program + ": " + cause.getMessage(), cause);
        }
    }
}
