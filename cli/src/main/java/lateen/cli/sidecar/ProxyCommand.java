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
                   lateen proxy -c FILE [--mode validate] [--concurrency N] [flags of Envoy]

            sidecar   agent and proxy of one workload. Reads from the environment POD_NAME, POD_NAMESPACE,
                      SERVICE_ACCOUNT, INSTANCE_IPS (or INSTANCE_IP), CA_ADDR, TRUST_DOMAIN (default cluster.local),
                      ISTIO_META_*, ISTIO_METAJSON_LABELS; from standard input, once: a line 'token <one-time token>',
                      then the root certificates in PEM.
            -c FILE   the proxy alone, told by a file that Envoy takes and by the xDS servers that it names.

            With sidecar:
            --envoy FILE              an Envoy 1.40 as the proxy: started, given its certificate and its way to the
                                      control plane, and ended by the agent; its exit status is passed on
            --concurrency N           event loops (default: 2, or 1 on a single core)
            --domain, --proxyLogLevel, --proxyComponentLogLevel, --log_output_level, --serviceCluster, --trust-domain
                                      taken as Istio's injector passes them

            With -c:
            %s

            Exit status: 0 stopped, or the file is good; 1 an error; 2 wrong arguments; 3 the identity is lost and a new
            token is needed.""".formatted(StandaloneArguments.HELP);

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
        if (arguments.contains("-h") || arguments.contains("--help")) {
            out.println(HELP);
            return 0;
        }
        try {
            return arguments.contains("sidecar")
                    ? sidecar(new ArrayDeque<>(arguments), environment, in)
                    : StandaloneProxy.run(
                            StandaloneArguments.read(new ArrayDeque<>(arguments), environment::get), out, err);
        } catch (WrongArguments e) {
            err.println("lateen proxy: " + e.getMessage());
            return USAGE;
        } catch (NoSuchFileException e) {
            err.println(
                    "lateen proxy: " + e.getFile() + ": no such file (expected: an Envoy bootstrap in YAML or JSON)");
            return 1;
        } catch (IOException | IllegalArgumentException e) {
            err.println("lateen proxy: " + e.getMessage());
            return 1;
        }
    }

    private static int sidecar(Deque<String> words, Map<String, String> environment, InputStream in)
            throws IOException {
        @Nullable Path envoy = null;
        int workers = Math.min(2, Runtime.getRuntime().availableProcessors());
        while (!words.isEmpty()) {
            String flag = Flags.next(words);
            switch (flag) {
                case "sidecar" -> {}
                case "-c", "--config-path" ->
                    throw new WrongArguments("expected: either sidecar or -c FILE; see --help");
                case "--envoy" -> envoy = Path.of(Flags.value(flag, words));
                case "--concurrency" -> workers = Flags.workers(Flags.value(flag, words));
                default -> {
                    if (!TAKEN.contains(flag)) {
                        throw new WrongArguments("'" + flag + "' (expected: sidecar, -c FILE or a flag; see --help)");
                    }
                    var _ = Flags.value(flag, words);
                }
            }
        }
        SidecarEnvironment sidecarEnvironment = SidecarEnvironment.read(environment);
        JoinCredential credential = JoinCredential.read(in);
        return envoy != null
                ? EnvoySidecar.run(sidecarEnvironment, credential, workers, envoy)
                : Sidecar.run(sidecarEnvironment, credential, workers);
    }
}
