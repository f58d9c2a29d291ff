package lateen.cli;

import java.util.Arrays;
import java.util.List;
import lateen.cli.sidecar.ProxyCommand;

/** The {@code lateen} command on the sidecar class path: {@code proxy …}. */
public final class SidecarMain {

    private SidecarMain() {}

    public static void main(String[] arguments) {
        System.exit(run(Arrays.asList(arguments)));
    }

    /** @return the exit status; 2 for a command that does not exist or wrong arguments */
    static int run(List<String> arguments) {
        if (arguments.isEmpty() || !arguments.getFirst().equals("proxy")) {
            System.err.println("lateen: " + arguments + " is not on this class path (expected: proxy …)");
            return 2;
        }
        return ProxyCommand.run(
                arguments.subList(1, arguments.size()), System.getenv(), System.in, System.out, System.err);
    }
}
