package lateen.local;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import lateen.capture.IstioIptablesCommand;

/** The init step: the capture tool with the arguments that a pod's {@code istio-init} shows, aimed at a namespace. */
final class CaptureRules {
    static final List<String> ARGUMENTS = List.of(
            "-p",
            "15001",
            "-z",
            "15006",
            "-u",
            "1337",
            "-m",
            "REDIRECT",
            "-i",
            "*",
            "-x",
            "",
            "-b",
            "*",
            "-d",
            "15090,15021,15020",
            "--log_output_level=default:info");

    private CaptureRules() {}

    /** Returns how long it took, in milliseconds. */
    static long write(Namespace namespace) throws IOException {
        List<String> arguments = new ArrayList<>(ARGUMENTS);
        arguments.add("--network-namespace=" + namespace.name());
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
        long begun = System.nanoTime();
        int status = IstioIptablesCommand.run(arguments, Map.of("ISTIO_DUAL_STACK", "true"), out, out);
        if (status != 0) {
            throw new IOException("capture rules of " + namespace.name() + ": status " + status + ": "
                    + said.toString(StandardCharsets.UTF_8).strip());
        }
        return (System.nanoTime() - begun) / 1_000_000;
    }
}
