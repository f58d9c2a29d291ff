package lateen.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The built programs: {@code dist/lib/*.jar}, and {@code dist/<name>.cp}, which lists the jars of one class path.
 *
 * @param home the folder that holds {@code dist}
 */
public record Distribution(Path home) {

    /**
     * Where the start-up archive (JEP 514) of a class path is, whether or not it is there. It is made by a training run
     * and only saves time: without it, or when it does not fit, a program starts from its jars.
     */
    public Path archive(String name) {
        return home.resolve("dist").resolve(name + ".aot");
    }

    /** The jars of a class path: {@code capture}, {@code sidecar} or {@code full}. */
    List<Path> classPath(String name) throws IOException {
        Path list = home.resolve("dist").resolve(name + ".cp");
        if (!Files.isRegularFile(list)) {
            throw new IOException(list + ": missing (expected: the built distribution; `make build` makes it)");
        }
        return Files.readAllLines(list).stream()
                .filter(line -> !line.isBlank())
                .map(jar -> home.resolve("dist/lib").resolve(jar.strip()))
                .toList();
    }
}
