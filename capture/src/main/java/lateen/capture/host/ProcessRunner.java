package lateen.capture.host;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/** Runs real programs, with a limit on their time and on what they may say. Safe for use by many threads. */
public final class ProcessRunner implements CommandRunner {
    // Some ten thousand rules.
    private static final int MAX_OUTPUT = 4_000_000;

    private final Duration limit;

    /** @param limit after which a program is killed */
    public ProcessRunner(Duration limit) {
        this.limit = limit;
    }

    @Override
    public Result run(List<String> command, String input) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command);
        // Output is compared and parsed: it must not be translated.
        builder.environment().put("LC_ALL", "C");
        builder.environment().put("PATH", path(builder.environment().getOrDefault("PATH", "")));
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            if (String.valueOf(e.getMessage()).contains("Argument list too long")) {
                int length = command.stream().mapToInt(String::length).sum();
                throw new IOException(
                        command.getFirst() + ": " + length
                                + " characters of arguments (expected: less; a process may be given"
                                + " a quarter of its stack's limit, `ulimit -s`, its environment included)",
                        e);
            }
            throw new ProgramMissingException(command.getFirst(), e);
        }
        try {
            CompletableFuture<String> output = drain(process.getInputStream());
            CompletableFuture<String> errors = drain(process.getErrorStream());
            if (input.isEmpty()) {
                process.getOutputStream().close();
            } else {
                feed(process, input);
            }
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IOException(String.join(" ", command) + ": still running after " + limit.toSeconds()
                        + " s (expected: an end); it was killed");
            }
            return new Result(process.exitValue(), output.join(), errors.join());
        } catch (CompletionException e) {
            throw new IOException(String.join(" ", command) + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while running " + command.getFirst());
        } finally {
            process.destroyForcibly();
        }
    }

    /** Looks along the path instead of starting the program. */
    @Override
    public boolean installed(String program) {
        if (program.indexOf('/') >= 0) {
            return Files.isExecutable(Path.of(program));
        }
        for (String folder : path(System.getenv().getOrDefault("PATH", "")).split(":")) {
            if (!folder.isEmpty() && Files.isExecutable(Path.of(folder, program))) {
                return true;
            }
        }
        return false;
    }

    // Administrators' programs are often not on the path of a service.
    private static String path(String own) {
        return own.isEmpty() ? SYSTEM_PATH : own + ":" + SYSTEM_PATH;
    }

    private static final String SYSTEM_PATH = "/usr/sbin:/sbin:/usr/bin:/bin";

    // Plain threads: the first virtual one would cost a short-lived process its schedulers.
    private static void helper(Runnable task) {
        Thread.ofPlatform().daemon().name("child's stream").start(task);
    }

    private static void feed(Process process, String input) {
        helper(() -> {
            try (OutputStream stream = process.getOutputStream()) {
                stream.write(input.getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                // A program may end without reading everything; its status says what became of it.
                return;
            }
        });
    }

    private static CompletableFuture<String> drain(InputStream stream) {
        CompletableFuture<String> result = new CompletableFuture<>();
        helper(() -> {
            try (stream) {
                byte[] bytes = stream.readNBytes(MAX_OUTPUT + 1);
                if (bytes.length > MAX_OUTPUT) {
                    throw new IOException("more than " + MAX_OUTPUT + " bytes of output");
                }
                result.complete(new String(bytes, StandardCharsets.UTF_8));
            } catch (IOException e) {
                result.completeExceptionally(e);
            }
        });
        return result;
    }
}
