package lateen.testing;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A real third-party program, as one of the project's scripts finds or fetches it. */
public final class RealProgram {
    private RealProgram() {}

    /** An Envoy 1.40. Where none is to be had the test is not run; with {@code CI=true} it fails. */
    public static Path envoy() throws IOException, InterruptedException {
        return find("envoy");
    }

    /** An OPA 1.22. Where none is to be had the test is not run; with {@code CI=true} it fails. */
    public static Path opa() throws IOException, InterruptedException {
        return find("opa");
    }

    /** An h2spec 2. Where none is to be had the test is not run; with {@code CI=true} it fails. */
    public static Path h2spec() throws IOException, InterruptedException {
        return find("h2spec");
    }

    /**
     * A folder with gRPC's interoperability programs, {@code client} and {@code server}. Where none is to be had the test
     * is not run; with {@code CI=true} it fails.
     */
    public static Path grpcInterop() throws IOException, InterruptedException {
        return find("grpc-interop");
    }

    /**
     * A program of a Debian package, such as curl. Where none is to be had the test is not run; with {@code CI=true} it
     * fails.
     */
    public static Path packaged(String name) {
        String folders = System.getenv("PATH") + ":/usr/sbin:/sbin";
        for (String folder : folders.split(":")) {
            Path file = Path.of(folder, name);
            if (Files.isExecutable(file)) {
                return file;
            }
        }
        String missing = "no " + name + " in " + folders;
        return "true".equals(System.getenv("CI")) ? fail(missing) : abort(missing);
    }

    /** Tests run in the folder of their module. */
    private static Path find(String script) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(Path.of("../scripts", script)
                        .toAbsolutePath()
                        .normalize()
                        .toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String path = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (process.waitFor() == 0) {
            return Path.of(path);
        }
        String missing = "scripts/" + script + " finds none (above)";
        return "true".equals(System.getenv("CI")) ? fail(missing) : abort(missing);
    }

    private static Path fail(String missing) {
        throw new AssertionError(missing);
    }
}
