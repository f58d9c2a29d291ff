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

    /** Whether the program is installed; by default found out by starting it. */
    default boolean installed(String program) throws IOException {
        try {
            return run(List.of(program, "--version"), "").status() != Result.NOT_FOUND;
        } catch (ProgramMissingException e) {
            return false;
        }
    }

    /** How it ended and what it said. */
    record Result(int status, String output, String errors) {
        /** The status with which a program that starts others says that there is no such one. */
        public static final int NOT_FOUND = 127;

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
