package lateen.local;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import lateen.capture.command.IstioIptablesCommand;

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

    /** Of a sidecar's connections, where its user is everybody's. */
    static final int MARK = 1337;

    private CaptureRules() {}

    /** Returns how long it took, in milliseconds. */
    static long write(Namespace namespace, Namespace controlPlane) throws IOException {
        List<String> arguments = new ArrayList<>(ARGUMENTS);
        if (UserMap.here().single()) {
            // The sidecar's connections to hosts are marked; those of its agent, to the control plane alone, are not.
            arguments.set(arguments.indexOf("-u"), "--proxy-mark");
            arguments.set(arguments.indexOf("1337"), Integer.toString(MARK));
            arguments.set(arguments.indexOf("-x") + 1, controlPlane.ipv4() + "/32");
        }
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
