package lateen.services.dashboard;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** A real browser without a window. Where there is none the test is not run; with CI=true that is a failure. */
final class Chromium {
    private static final long LIMIT_SECONDS = 120;

    private final Path folder;

    /** @param folder for its profile */
    Chromium(Path folder) {
        this.folder = folder;
        boolean there = List.of(System.getenv("PATH").split(":")).stream()
                .anyMatch(path -> Files.isExecutable(Path.of(path, "chromium")));
        Assumptions.assumeTrue(there || "true".equals(System.getenv("CI")), "needs chromium");
    }

    /** The document after its scripts have run for some seconds. */
    String dom(URI page) throws IOException, InterruptedException {
        return run(page, "--dump-dom");
    }

    /** What a person would see. */
    void picture(URI page, Path png, int width, int height, boolean dark) throws IOException, InterruptedException {
        List<String> options = new ArrayList<>(List.of(
                "--screenshot=" + png.toAbsolutePath(), "--window-size=" + width + "," + height, "--hide-scrollbars"));
        if (dark) {
            options.add("--blink-settings=preferredColorScheme=0");
        }
        run(page, options.toArray(new String[0]));
    }

    private String run(URI page, String... options) throws IOException, InterruptedException {
        Path profile = Files.createTempDirectory(folder, "chromium-");
        List<String> command = new ArrayList<>(List.of(
                "chromium",
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--disable-dev-shm-usage",
                "--user-data-dir=" + profile,
                "--virtual-time-budget=3000"));
        command.addAll(List.of(options));
        command.add(page.toString());
        Path out = profile.resolve("out");
        Process process = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(profile.resolve("err").toFile())
                .start();
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            throw new IOException("chromium: still running after " + LIMIT_SECONDS + " s");
        }
        String said = Files.readString(out, StandardCharsets.UTF_8);
        if (process.exitValue() != 0) {
            throw new IOException(
                    "chromium: status " + process.exitValue() + ": " + Files.readString(profile.resolve("err")));
        }
        return said;
    }
}
