package lateen.cli.sidecar;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import lateen.agent.identity.JoinCredential;
import org.jspecify.annotations.Nullable;

/** {@code lateen proxy sidecar} and {@code lateen proxy -c FILE}; the arguments that Istio's injector passes are taken. */
public final class ProxyCommand {

    private static final int USAGE = 2;

    private static final String HELP = """
            Usage: lateen proxy sidecar [--envoy FILE] [--concurrency N]
                   lateen proxy -c FILE [--concurrency N]

            sidecar   agent and proxy of one workload. Reads from the environment POD_NAME, POD_NAMESPACE,
                      SERVICE_ACCOUNT, INSTANCE_IPS (or INSTANCE_IP), CA_ADDR, TRUST_DOMAIN (default cluster.local),
                      ISTIO_META_*, ISTIO_METAJSON_LABELS; from standard input, once: a line 'token <one-time token>',
                      then the root certificates in PEM.
            -c FILE   the proxy alone, on static resources: an Envoy bootstrap in JSON.

            --envoy FILE          an Envoy 1.40 as the proxy: started, given its certificate and its way to the control
                                  plane, and ended by the agent; its exit status is passed on
            --concurrency N       event loops (default: 2, or 1 on a single core)
            --domain, --proxyLogLevel, --proxyComponentLogLevel, --log_output_level, --serviceCluster, --trust-domain
                                  taken as Istio's injector passes them

            Exit status: 0 stopped, 1 an error, 2 wrong arguments, 3 the identity is lost and a new token is needed.""";

    /** What an injected container's arguments carry and this process does not need; each has a value. */
    private static final List<String> TAKEN = List.of(
            "--domain",
            "--proxyLogLevel",
            "--proxyComponentLogLevel",
            "--log_output_level",
            "--serviceCluster",
            "--trust-domain");

    private ProxyCommand() {}

    /** Returns the exit status when the proxy has stopped. */
    public static int run(
            List<String> arguments, Map<String, String> environment, InputStream in, PrintStream out, PrintStream err) {
        Deque<String> words = new ArrayDeque<>(arguments);
        boolean sidecar = false;
        @Nullable Path bootstrap = null;
        @Nullable Path envoy = null;
        int workers = Math.min(2, Runtime.getRuntime().availableProcessors());
        try {
            while (!words.isEmpty()) {
                String word = words.pop();
                int equals = word.startsWith("--") ? word.indexOf('=') : -1;
                String flag = equals < 0 ? word : word.substring(0, equals);
                if (equals >= 0) {
                    words.push(word.substring(equals + 1));
                }
                switch (flag) {
                    case "-h", "--help" -> {
                        out.println(HELP);
                        return 0;
                    }
                    case "sidecar" -> sidecar = true;
                    case "-c", "--config-path" -> bootstrap = Path.of(value(flag, words));
                    case "--envoy" -> envoy = Path.of(value(flag, words));
                    case "--concurrency" -> workers = workers(value(flag, words));
                    default -> {
                        if (!TAKEN.contains(flag)) {
                            throw new IllegalArgumentException(
                                    "'" + flag + "' (expected: sidecar, -c FILE or a flag; see --help)");
                        }
                        var _ = value(flag, words);
                    }
                }
            }
            if (sidecar == (bootstrap != null)) {
                throw new IllegalArgumentException("expected: either sidecar or -c FILE; see --help");
            }
            if (envoy != null && !sidecar) {
                throw new IllegalArgumentException("--envoy: " + envoy + " (expected: together with sidecar)");
            }
        } catch (IllegalArgumentException e) {
            err.println("lateen proxy: " + e.getMessage());
            return USAGE;
        }
        try {
            if (bootstrap != null) {
                return StaticProxy.run(bootstrap, workers);
            }
            SidecarEnvironment sidecarEnvironment = SidecarEnvironment.read(environment);
            JoinCredential credential = JoinCredential.read(in);
            return envoy != null
                    ? EnvoySidecar.run(sidecarEnvironment, credential, workers, envoy)
                    : Sidecar.run(sidecarEnvironment, credential, workers);
        } catch (NoSuchFileException e) {
            err.println("lateen proxy: " + e.getFile() + ": no such file (expected: an Envoy bootstrap in JSON)");
            return 1;
        } catch (IOException | IllegalArgumentException e) {
            err.println("lateen proxy: " + e.getMessage());
            return 1;
        }
    }

    private static String value(String flag, Deque<String> words) {
        if (words.isEmpty()) {
            throw new IllegalArgumentException(flag + ": no value (expected: one after it)");
        }
        return words.pop();
    }

    private static int workers(String text) {
        try {
            int workers = Integer.parseInt(text);
            if (workers >= 1 && workers <= 256) {
                return workers;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new IllegalArgumentException("--concurrency: '" + text + "' (expected: 1..256)");
    }
}
