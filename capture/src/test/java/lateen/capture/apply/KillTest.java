package lateen.capture.apply;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import lateen.capture.host.CommandRunner;
import lateen.capture.host.ProcessRunner;
import lateen.testing.NeedsRoot;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A run that is killed (SIGKILL) before, within or after any of its steps: the same command again ends as if nothing had
 * happened. All that a run does to the kernel it does by child processes; so a kill is that from some point on none is
 * started, not even to take back, and that the last one may have got only a part of its input. Children that only look are
 * points of their own in the long form.
 */
@NeedsRoot
@Execution(ExecutionMode.CONCURRENT)
class KillTest {
    private static final CommandRunner REAL = new ProcessRunner(Duration.ofSeconds(30));
    private static final boolean EVERY_CHILD = Integer.getInteger("lateen.kills", 1) > 1;
    private static final String MUCH = "-m TPROXY -t 555 -r 144 -i * -b * --redirect-dns --drop-invalid";

    /** The process is gone. */
    private static final class Killed extends IOException {
        private static final long serialVersionUID = 1L;

        Killed() {
            super("killed");
        }
    }

    /** Starts this many children, gives the last only a part of its input, and starts no more. */
    private static final class Mortal implements CommandRunner {
        private final int last;
        private final int part;
        private final List<Boolean> changing = new ArrayList<>();
        private final List<Integer> inputs = new ArrayList<>();

        Mortal(int last, int part) {
            this.last = last;
            this.part = part;
        }

        @Override
        public Result run(List<String> command, String input) throws IOException {
            int number = inputs.size();
            inputs.add(input.length());
            changing.add(changes(command));
            if (number > last) {
                throw new Killed();
            }
            Result result =
                    REAL.run(command, number == last ? input.substring(0, Math.min(part, input.length())) : input);
            if (number == last) {
                throw new Killed();
            }
            return result;
        }

        @Override
        public boolean installed(String program) throws IOException {
            return REAL.installed(program);
        }

        private static boolean changes(List<String> command) {
            boolean looks = command.contains("--test")
                    || command.contains("-c")
                    || command.contains("list")
                    || command.contains("show")
                    || command.contains("--version");
            return !looks
                    && command.stream()
                            .anyMatch(w -> w.matches("(?s)table inet.*|add|del|replace|flush|-X|.*-restore"));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            NFT    |                         | MUCH
            LEGACY |                         | MUCH
            NATIVE |                         | MUCH
            NFT    | -m TPROXY -b * -t 7 -r 8 -p 16001 | MUCH --reconcile
            NATIVE | -m TPROXY -b * -t 7 -r 8 -p 16001 | MUCH --reconcile
            NATIVE | --native-nftables=false -i * -b * | MUCH --reconcile
            LEGACY | MUCH                    | --cleanup-only
            """)
    void killed_anywhere_the_same_command_again_ends_in_the_same_state(BackEndFlags backEnd, String before, String line)
            throws Exception {
        String first = before == null ? "" : before.replace("MUCH", MUCH);
        String flags = line.replace("MUCH", MUCH);
        try (Lab lab = new Lab()) {
            prepare(lab, backEnd, first);
            Mortal whole = new Mortal(Integer.MAX_VALUE, 0);
            backEnd.run(lab, flags, whole);
            String wanted = lab.state();
            int kills = 0;
            for (int child = 0; child < whole.inputs.size(); child++) {
                int length = whole.inputs.get(child);
                if (!whole.changing.get(child) && !EVERY_CHILD) {
                    continue;
                }
                for (int part : parts(length)) {
                    prepare(lab, backEnd, first);
                    Mortal mortal = new Mortal(child, part);
                    try {
                        backEnd.run(lab, flags, mortal);
                    } catch (lateen.capture.host.CaptureException e) {
                        assertThat(e).hasRootCauseInstanceOf(Killed.class);
                    }
                    backEnd.run(lab, flags, REAL);
                    assertThat(lab.state())
                            .as("killed at child %d after %d of %d characters", child, part, length)
                            .isEqualTo(wanted);
                    kills++;
                }
            }
            assertThat(kills).isGreaterThan(1);
        }
    }

    private static int[] parts(int length) {
        if (length == 0) {
            return new int[] {0};
        }
        return EVERY_CHILD ? new int[] {0, length / 3, length / 2, length - 1, length} : new int[] {length / 2, length};
    }

    private static void prepare(Lab lab, BackEndFlags backEnd, String flags) throws Exception {
        backEnd.reset(lab);
        if (flags.startsWith("--native-nftables=false")) {
            BackEndFlags.LEGACY.reset(lab);
            BackEndFlags.LEGACY.run(lab, flags.replace("--native-nftables=false ", ""));
        } else if (!flags.isEmpty()) {
            backEnd.run(lab, flags);
        }
    }
}
