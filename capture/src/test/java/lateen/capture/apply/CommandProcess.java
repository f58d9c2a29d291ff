package lateen.capture.apply;

import java.util.Arrays;
import lateen.capture.command.IstioIptablesCommand;

/** {@code istio-iptables} as a process of its own, to be started with few rights and killed. */
final class CommandProcess {
    private CommandProcess() {}

    public static void main(String[] arguments) {
        System.exit(IstioIptablesCommand.run(Arrays.asList(arguments), System.getenv(), System.out, System.err));
    }
}
