package lateen.xds.bootstrap;

import io.envoyproxy.envoy.config.core.v3.DataSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Envoy: {@code config.core.v3.DataSource}, which may lead out of the configuration. */
final class DataSources {

    private static final long MAX_BYTES = 1 << 20;

    /** Value by name; null: there is none. */
    private final UnaryOperator<@Nullable String> environment;

    DataSources(UnaryOperator<@Nullable String> environment) {
        this.environment = environment;
    }

    /** @throws Unsupported saying what cannot be had; never what was found */
    String text(DataSource source, String path) {
        if (source.hasWatchedDirectory()) {
            throw new Unsupported(
                    path + ".watched_directory",
                    "unsupported here (expected: nothing, or the secret by name, from a watched file)");
        }
        return switch (source.getSpecifierCase()) {
            case INLINE_STRING -> source.getInlineString();
            case INLINE_BYTES -> source.getInlineBytes().toString(StandardCharsets.UTF_8);
            case FILENAME -> file(ConfigSources.path(source.getFilename(), path + ".filename"), path + ".filename");
            case ENVIRONMENT_VARIABLE -> {
                String value = environment.apply(source.getEnvironmentVariable());
                if (value == null) {
                    throw new Unsupported(
                            path + ".environment_variable",
                            "'" + source.getEnvironmentVariable() + "' is not in the environment");
                }
                yield value;
            }
            case SPECIFIER_NOT_SET ->
                throw new Unsupported(
                        path, "missing (expected: filename, inline_string, inline_bytes or environment_variable)");
        };
    }

    private static String file(Path file, String path) {
        try {
            long size = Files.size(file);
            if (size > MAX_BYTES) {
                throw new Unsupported(
                        path, "'" + file + "' has " + size + " bytes (expected: at most " + MAX_BYTES + ")");
            }
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            throw new Unsupported(path, "'" + file + "': no such file");
        } catch (IOException e) {
            throw new Unsupported(path, "'" + file + "' cannot be read: " + e.getMessage());
        }
    }
}
