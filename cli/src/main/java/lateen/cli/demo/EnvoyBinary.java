package lateen.cli.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import lateen.local.Command;

/** A real Envoy 1.40 on this machine. */
final class EnvoyBinary {
    /** Long enough to fetch it once. */
    private static final Duration LIMIT = Duration.ofMinutes(5);

    private EnvoyBinary() {}

    /**
     * What {@code scripts/envoy} finds or fetches.
     *
     * @param home the folder that holds {@code scripts}
     */
    static Path find(Path home) throws IOException {
        String script = home.resolve("scripts/envoy").toString();
        Command.Result result = Command.run(LIMIT, "", List.of(script));
        if (result.exit() != 0) {
            throw new IOException(script + ": no Envoy: " + Screen.oneLine(result.err()));
        }
        return Path.of(result.out().strip());
    }
}
