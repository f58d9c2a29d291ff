package lateen.local;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Runs a short-lived program (no shell) with its whole input at hand, and kills it when it takes too long. */
public final class Command {
    private static final int MAX_OUTPUT = 8 << 20;

    /**
     * What came of it.
     *
     * @param exit the exit status
     * @param out standard output, at most 8 MiB
     * @param err standard error, at most 8 MiB
     */
    public record Result(int exit, String out, String err) {}

    private Command() {}

    /**
     * Runs to the end.
     *
     * @throws IOException when the program is missing, or still runs after {@code limit}
     */
    public static Result run(Duration limit, String input, List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).start();
        try {
            CompletableFuture<String> out = read(process.getInputStream());
            CompletableFuture<String> err = read(process.getErrorStream());
            try (OutputStream in = process.getOutputStream()) {
                in.write(input.getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                // A program may end without reading its input; its status and words tell why.
            }
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IOException(String.join(" ", command) + ": still running after " + limit.toMillis() + " ms");
            }
            return new Result(process.exitValue(), out.join(), err.join());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException(String.join(" ", command) + ": interrupted");
        } finally {
            process.destroyForcibly();
        }
    }

    /** As {@link #run}, within ten seconds and without failing; returns standard output. */
    static String check(String input, String... command) throws IOException {
        Result result = run(Duration.ofSeconds(10), input, List.of(command));
        if (result.exit() != 0) {
            throw new IOException(String.join(" ", command) + ": status " + result.exit() + ": "
                    + (result.err().isBlank() ? result.out() : result.err()).strip());
        }
        return result.out();
    }

    private static CompletableFuture<String> read(InputStream stream) {
        CompletableFuture<String> text = new CompletableFuture<>();
        Thread.startVirtualThread(() -> {
            try (stream) {
                text.complete(new String(stream.readNBytes(MAX_OUTPUT), StandardCharsets.UTF_8));
            } catch (IOException e) {
                text.complete("");
            }
        });
        return text;
    }
}
