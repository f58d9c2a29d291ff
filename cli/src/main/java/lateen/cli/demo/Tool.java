package lateen.cli.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import lateen.local.Command;
import lateen.local.Distribution;

/** A real third-party program on this machine, which a script of the project finds or fetches. */
final class Tool {
    /** Long enough to fetch or build it once. */
    private static final Duration LIMIT = Duration.ofMinutes(9);

    private Tool() {}

    /** @param name of the script, and of the program: {@code envoy}, {@code opa} */
    static Path find(Distribution distribution, String name) throws IOException {
        String script = distribution.home().resolve("scripts").resolve(name).toString();
        Command.Result result = Command.run(LIMIT, "", List.of(script));
        if (result.exit() != 0) {
            throw new IOException(script + ": no " + name + ": " + Screen.oneLine(result.err()));
        }
        return Path.of(result.out().strip());
    }
}
