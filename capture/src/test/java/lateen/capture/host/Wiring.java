package lateen.capture.host;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What namespaces of tests are made of: commands, addresses, routes, and Python programs that say when they are ready. */
public final class Wiring {
    public static final CommandRunner RUNNER = new ProcessRunner(Duration.ofSeconds(60));

    private Wiring() {}

    /** Words are parted by single spaces. */
    public static String run(String command) throws IOException {
        return run(List.of(command.split(" ")));
    }

    public static String run(List<String> command) throws IOException {
        CommandRunner.Result result = RUNNER.run(command, "");
        if (!result.ok()) {
            throw new IOException(String.join(" ", command) + ": " + result.errors());
        }
        return result.output();
    }

    public static void address(String ns, String device, String v4, String v6) throws IOException {
        run("ip -n " + ns + " addr add " + v4 + " dev " + device);
        run("ip -n " + ns + " -6 addr add " + v6 + " dev " + device + " nodad");
        run("ip -n " + ns + " link set " + device + " up");
    }

    /** The gateways of everything else. */
    public static void route(String ns, String v4, String v6) throws IOException {
        run("ip -n " + ns + " route add default via " + v4);
        run("ip -n " + ns + " -6 route add default via " + v6);
    }

    /** Starts a script that lies beside a test class, and waits for its word READY. */
    public static Process python(Class<?> beside, String ns, String script, List<String> arguments) throws IOException {
        List<String> command =
                new ArrayList<>(List.of("ip", "netns", "exec", ns, "python3", "-c", script(beside, script)));
        command.addAll(arguments);
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        if (!"READY".equals(process.inputReader().readLine())) {
            process.destroyForcibly();
            throw new IOException(script + " did not start in " + ns);
        }
        return process;
    }

    /** The text of a script that lies beside a test class. */
    public static String script(Class<?> beside, String name) throws IOException {
        try (InputStream stream = beside.getResourceAsStream(name)) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** Takes namespaces away, also those that are not there. */
    public static void delete(List<String> namespaces) throws IOException {
        for (String ns : namespaces) {
            RUNNER.run(List.of("ip", "netns", "del", ns), "");
        }
    }
}
