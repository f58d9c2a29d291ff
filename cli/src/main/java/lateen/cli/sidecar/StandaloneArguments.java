package lateen.cli.sidecar;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Deque;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import lateen.proxy.admin.LogLevel;
import lateen.xds.bootstrap.BootstrapFile;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of {@code lateen proxy -c FILE}: those of Envoy.
 *
 * @param validate only look at the file
 * @param workers event loops
 * @param logLevel null: as it is
 * @param drain how long connections get after {@code /drain_listeners}
 * @param restart the place in a row of processes
 * @param adminAddress where the address of the administration interface is written to; null: nowhere
 * @param withoutEffect flags that were given and change nothing
 */
record StandaloneArguments(
        BootstrapFile file,
        boolean validate,
        int workers,
        @Nullable LogLevel logLevel,
        Duration drain,
        HotRestart.Settings restart,
        @Nullable Path adminAddress,
        Set<String> withoutEffect) {

    static final String HELP = """
            -c, --config-path FILE    an Envoy bootstrap, .yaml, .yml or .json: static resources, or any xDS v3 server
            --config-yaml TEXT        a bootstrap in YAML, put over the file's, or alone
            --mode serve|validate     validate: say what is wrong with the file, all of it, and end (default: serve)
            --concurrency N           event loops (default: 2, or 1 on a single core)
            -l, --log-level LEVEL     trace, debug, info, warning, error, critical, off
            --service-node ID, --service-cluster NAME, --service-zone ZONE
                                      put over the file's node
            --drain-time-s SECONDS    what connections get after /drain_listeners (default: 600)
            --restart-epoch N         0: the first of a row of processes; N: takes over from the one with N-1, which ends
            --base-id N               parts rows of processes on one machine (default: 0)
            --socket-path NAME        of the unix sockets on which descriptors are passed, @ for an abstract name
                                      (default: @lateen_domain_socket)
            --parent-shutdown-time-s SECONDS
                                      what connections of the process before get (default: 900)
            --disable-hot-restart     nothing can take over from this process; so too without any of the four above
            --admin-address-path FILE the administration interface's address is written to it
            Of Envoy's other flags these are taken without effect: --use-dynamic-base-id, --socket-mode, --drain-strategy,
            --component-log-level, --log-format, --log-format-escaped, --enable-fine-grain-logging,
            --local-address-ip-version, --file-flush-interval-msec, --file-flush-min-size-kb, --enable-mutex-tracing,
            --allow-unknown-fields, --allow-unknown-static-fields, --reject-unknown-dynamic-fields, --skip-deprecated-logs,
            --enable-core-dump, --disable-extensions. All others are refused.""";

    /** Taken with a value. */
    private static final Set<String> VALUED = Set.of(
            "--socket-mode",
            "--drain-strategy",
            "--component-log-level",
            "--log-format",
            "--local-address-ip-version",
            "--file-flush-interval-msec",
            "--file-flush-min-size-kb",
            "--disable-extensions");

    /** Taken alone. What they allow is still refused: nothing is skipped silently here. */
    private static final Set<String> ALONE = Set.of(
            "--use-dynamic-base-id",
            "--log-format-escaped",
            "--enable-fine-grain-logging",
            "--enable-mutex-tracing",
            "--allow-unknown-fields",
            "--allow-unknown-static-fields",
            "--reject-unknown-dynamic-fields",
            "--skip-deprecated-logs",
            "--enable-core-dump");

    /** 108 bytes are what a unix socket's address holds, and numbers are added. */
    private static final int MOST_PATH = 84;

    private static final Map<String, LogLevel> LEVELS = Map.of(
            "trace", LogLevel.TRACE,
            "debug", LogLevel.DEBUG,
            "info", LogLevel.INFO,
            "warning", LogLevel.WARNING,
            "warn", LogLevel.WARNING,
            "error", LogLevel.ERROR,
            "critical", LogLevel.CRITICAL,
            "off", LogLevel.OFF);

    /** While they are read. */
    private static final class Builder {
        private @Nullable Path file;
        private @Nullable String yaml;
        private boolean validate;
        private int workers = Math.min(2, Runtime.getRuntime().availableProcessors());
        private @Nullable LogLevel logLevel;
        private String node = "";
        private String cluster = "";
        private String zone = "";
        private Duration drain = Duration.ofMinutes(10);
        private boolean restartable;
        private boolean restartDisabled;
        private int epoch;
        private long baseId;
        private String socketPath = "@lateen_domain_socket";
        private Duration parentShutdown = Duration.ofMinutes(15);
        private @Nullable Path adminAddress;
        private final Set<String> withoutEffect = new TreeSet<>();
    }

    /**
     * @param environment for values that a file takes from there
     * @throws WrongArguments naming the flag that is wrong
     */
    static StandaloneArguments read(Deque<String> words, UnaryOperator<@Nullable String> environment) {
        Builder read = new Builder();
        while (!words.isEmpty()) {
            one(Flags.next(words), words, read);
        }
        if (read.file == null && read.yaml == null) {
            throw new WrongArguments("expected: either sidecar or -c FILE; see --help");
        }
        return new StandaloneArguments(
                new BootstrapFile(read.file, read.yaml, read.node, read.cluster, read.zone, environment),
                read.validate,
                read.workers,
                read.logLevel,
                read.drain,
                restart(read),
                read.adminAddress,
                read.withoutEffect);
    }

    private static HotRestart.Settings restart(Builder read) {
        if (read.restartDisabled && read.epoch > 0) {
            throw new WrongArguments("--restart-epoch: '" + read.epoch + "' (expected: 0 with --disable-hot-restart)");
        }
        return new HotRestart.Settings(
                read.restartable && !read.restartDisabled,
                read.epoch,
                read.baseId,
                read.socketPath,
                read.parentShutdown);
    }

    private static void one(String flag, Deque<String> words, Builder read) {
        switch (flag) {
            case "-c", "--config-path" -> read.file = Path.of(Flags.value(flag, words));
            case "--config-yaml" -> read.yaml = Flags.value(flag, words);
            case "--mode" -> read.validate = mode(Flags.value(flag, words));
            case "--concurrency" -> read.workers = Flags.workers(Flags.value(flag, words));
            case "-l", "--log-level" -> read.logLevel = level(flag, Flags.value(flag, words));
            case "--service-node" -> read.node = Flags.value(flag, words);
            case "--service-cluster" -> read.cluster = Flags.value(flag, words);
            case "--service-zone" -> read.zone = Flags.value(flag, words);
            case "--drain-time-s" -> read.drain = Duration.ofSeconds(seconds(flag, Flags.value(flag, words)));
            case "--admin-address-path" -> read.adminAddress = Path.of(Flags.value(flag, words));
            case "--restart-epoch", "--base-id", "--socket-path", "--parent-shutdown-time-s", "--disable-hot-restart" ->
                restart(flag, words, read);
            default -> {
                if (VALUED.contains(flag)) {
                    var _ = Flags.value(flag, words);
                } else if (!ALONE.contains(flag)) {
                    throw new WrongArguments("'" + flag + "' (expected: sidecar, -c FILE or a flag; see --help)");
                }
                read.withoutEffect.add(flag);
            }
        }
    }

    private static void restart(String flag, Deque<String> words, Builder read) {
        read.restartable = true;
        switch (flag) {
            case "--restart-epoch" -> read.epoch = number(flag, Flags.value(flag, words));
            case "--base-id" -> read.baseId = number(flag, Flags.value(flag, words));
            case "--socket-path" -> {
                read.socketPath = Flags.value(flag, words);
                if (read.socketPath.isEmpty() || read.socketPath.length() > MOST_PATH) {
                    throw new WrongArguments(
                            flag + ": '" + read.socketPath + "' (expected: 1.." + MOST_PATH + " characters)");
                }
            }
            case "--parent-shutdown-time-s" ->
                read.parentShutdown = Duration.ofSeconds(seconds(flag, Flags.value(flag, words)));
            default -> read.restartDisabled = true;
        }
    }

    private static int number(String flag, String text) {
        if (text.matches("[0-9]{1,9}")) {
            return Integer.parseInt(text);
        }
        throw new WrongArguments(flag + ": '" + text + "' (expected: a number from 0)");
    }

    private static boolean mode(String mode) {
        return switch (mode) {
            case "serve" -> false;
            case "validate" -> true;
            default -> throw new WrongArguments("--mode: '" + mode + "' (expected: serve or validate)");
        };
    }

    private static LogLevel level(String flag, String text) {
        LogLevel level = LEVELS.get(text.toLowerCase(Locale.ROOT));
        if (level == null) {
            throw new WrongArguments(
                    flag + ": '" + text + "' (expected: trace, debug, info, warning, error, critical or off)");
        }
        return level;
    }

    private static int seconds(String flag, String text) {
        if (text.matches("[0-9]{1,6}")) {
            return Integer.parseInt(text);
        }
        throw new WrongArguments(flag + ": '" + text + "' (expected: seconds from 0)");
    }
}
