package lateen.cli.demo;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import lateen.local.Command;

/** Asks the kernel, by its own tools, about a namespace. */
final class Kernel {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private Kernel() {}

    static String read(String namespace, String... command) throws IOException {
        List<String> whole = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
        whole.addAll(List.of(command));
        Command.Result result = Command.run(LIMIT, "", whole);
        if (result.exit() != 0) {
            throw new IOException(String.join(" ", whole) + ": " + result.err().strip());
        }
        return result.out();
    }
}
