package lateen.capture.command;

import java.util.Arrays;

/** {@code capture} as a process of its own, to be killed. */
final class CaptureProcess {
    private CaptureProcess() {}

    public static void main(String[] arguments) {
        System.exit(CaptureCommand.run(Arrays.asList(arguments), System.getenv(), System.out, System.err));
    }
}
