package lateen.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import lateen.control.ConfigRefused;
import lateen.control.ControlPlane;
import lateen.control.ControlPlaneSettings;
import lateen.control.ca.CertificateAuthority;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code lateen discovery}: the control plane in the foreground. */
@Command(
        name = "discovery",
        description = "Runs the control plane: Istio YAML in, xDS v3 and certificates out (15012), metrics on 15014.",
        mixinStandardHelpOptions = true)
final class DiscoveryCommand implements Callable<Integer> {

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--config", required = true, paramLabel = "DIR", description = "directory of YAML files; watched")
    private Path config = Path.of(".");

    @Option(
            names = "--state",
            required = true,
            paramLabel = "DIR",
            description = "keeps the root of trust (owner-only) and virtual addresses across restarts")
    private Path state = Path.of(".");

    @Option(
            names = "--address",
            paramLabel = "IP",
            description = "listens here (default: ${DEFAULT-VALUE})",
            defaultValue = "127.0.0.1")
    private String address = "127.0.0.1";

    @Option(
            names = "--plaintext-address",
            paramLabel = "IP:PORT",
            description = "also serves xDS without TLS here, to proxyless gRPC clients only (Istio's port: 15010);"
                    + " neither certificates nor secrets; default: off")
    private @Nullable String plaintextAddress;

    @Option(
            names = "--trust-domain",
            paramLabel = "NAME",
            description = "default: ${DEFAULT-VALUE}",
            defaultValue = "cluster.local")
    private String trustDomain = "cluster.local";

    @Option(
            names = "--leaf-lifetime",
            paramLabel = "DURATION",
            description = "of workload certificates, ISO 8601 (PT1M) or as 90s, 10m, 24h; default: 24h")
    private @Nullable String leafLifetime;

    @Option(
            names = "--grants",
            paramLabel = "-",
            description =
                    "'-': read one-time join grants from standard input, a line 'grant <sha256> <spiffe id> <seconds>' each")
    private @Nullable String grants;

    @Override
    public Integer call() throws InterruptedException {
        ControlPlaneSettings settings = settings();
        try (ControlPlane plane = ControlPlane.start(settings)) {
            CountDownLatch stop = new CountDownLatch(1);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                plane.close();
                stop.countDown();
            }));
            // Sidecars are given the roots with their token; the supervisor takes them from here.
            Files.writeString(state.resolve("root-cert.pem"), plane.rootsPem());
            System.out.println("ready");
            stop.await();
            return 0;
        } catch (ConfigRefused | IOException | IllegalStateException e) {
            System.err.println("lateen discovery: " + e.getMessage());
            return 1;
        }
    }

    private ControlPlaneSettings settings() {
        InetAddress bind;
        try {
            bind = InetAddress.ofLiteral(address);
        } catch (IllegalArgumentException e) {
            throw wrong("--address: '" + address + "' (expected: an IP address)");
        }
        ControlPlaneSettings settings =
                ControlPlaneSettings.defaults(config, state, bind).withIdentity(trustDomain, lifetime());
        if (plaintextAddress != null) {
            settings = settings.withPlaintext(plaintext(plaintextAddress));
        }
        if (grants == null) {
            return settings;
        }
        if (!grants.equals("-")) {
            throw wrong("--grants: '" + grants + "' (expected: -, standard input)");
        }
        return settings.withGrants(System.in, System.out);
    }

    private InetSocketAddress plaintext(String text) {
        int colon = text.lastIndexOf(':');
        try {
            String ip = text.substring(0, Math.max(colon, 0)).replaceAll("^\\[(.*)]$", "$1");
            return new InetSocketAddress(InetAddress.ofLiteral(ip), Integer.parseInt(text.substring(colon + 1)));
        } catch (IllegalArgumentException e) {
            throw wrong("--plaintext-address: '" + text + "' (expected: an IP address, ':' and a port)");
        }
    }

    private Duration lifetime() {
        if (leafLifetime == null) {
            return CertificateAuthority.DEFAULT_LIFETIME;
        }
        try {
            String text = leafLifetime.startsWith("P") ? leafLifetime : "PT" + leafLifetime;
            Duration lifetime = Duration.parse(text);
            if (lifetime.compareTo(CertificateAuthority.MIN_LIFETIME) >= 0) {
                return lifetime;
            }
        } catch (java.time.format.DateTimeParseException e) {
            // Said below, as for a lifetime that is too short.
        }
        throw wrong("--leaf-lifetime: '" + leafLifetime + "' (expected: a duration such as 24h, at least "
                + CertificateAuthority.MIN_LIFETIME.toSeconds() + "s)");
    }

    private ParameterException wrong(String message) {
        if (spec == null) {
            throw new IllegalStateException("picocli sets the spec before it calls");
        }
        return new ParameterException(new CommandLine(spec), message);
    }
}
