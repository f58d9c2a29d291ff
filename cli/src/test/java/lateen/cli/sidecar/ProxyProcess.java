package lateen.cli.sidecar;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code lateen proxy …} in a process of its own, with the JVM settings that {@code bin/lateen} gives it. */
final class ProxyProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Process process;
    private final Path log;

    private ProxyProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /** @param more settings of the JVM, after the launcher's */
    static ProxyProcess start(Path folder, List<String> more, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(settings());
        command.addAll(more);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "lateen.cli.SidecarMain", "proxy"));
        command.addAll(Arrays.asList(arguments));
        Path log = Files.createTempFile(folder, "proxy", ".log");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().put("MALLOC_ARENA_MAX", "1");
        return new ProxyProcess(builder.start(), log);
    }

    /** Of the launcher, but for what belongs to a start-up archive. */
    private static List<String> settings() throws IOException {
        String launcher = Files.readString(Path.of("../bin/lateen"));
        List<String> settings = new ArrayList<>();
        for (String pattern : List.of("(?m)^common=\"(.*)\"$", "(?m)^ +flags=\"(-Xms.*)\"$")) {
            Matcher found = Pattern.compile(pattern).matcher(launcher);
            if (!found.find()) {
                throw new IllegalStateException("bin/lateen has no line like " + pattern);
            }
            settings.addAll(List.of(found.group(1).split(" ")));
        }
        return settings;
    }

    Process process() {
        return process;
    }

    String said() throws IOException {
        return Files.readString(log);
    }

    void awaitSaid(String text) {
        await().atMost(PATIENCE).until(() -> {
            if (!process.isAlive() && !said().contains(text)) {
                throw new IllegalStateException("ended with " + process.exitValue() + ": " + said());
            }
            return said().contains(text);
        });
    }

    int awaitEnd(Duration limit) throws Exception {
        if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new IllegalStateException("still running after " + limit + ": " + said());
        }
        return process.exitValue();
    }

    @Override
    public void close() throws Exception {
        process.destroyForcibly().waitFor();
    }
}
