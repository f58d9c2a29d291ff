package lateen.decision.config;

import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * A file access log. Envoy: {@code envoy.access_loggers.file} (and stdout, stderr).
 *
 * @param path {@code /dev/stdout}, {@code /dev/stderr} or a file
 * @param textFormat with Envoy's operators; null: the default text format, or {@code jsonFormat} when that is set
 * @param jsonFormat key → operator text; null: not JSON
 */
public record AccessLogConfig(
        String path, @Nullable String textFormat, @Nullable SequencedMap<String, String> jsonFormat) {}
