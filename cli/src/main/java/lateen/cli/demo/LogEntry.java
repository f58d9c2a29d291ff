package lateen.cli.demo;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * One line of JSON of an access log or an application's log: a flat object.
 *
 * @param fields those that have a value; Envoy writes {@code -} or null where there is none
 */
record LogEntry(Map<String, String> fields) {

    /** Empty when the line is no JSON object. */
    static Optional<LogEntry> parse(String line) {
        if (!line.startsWith("{")) {
            return Optional.empty();
        }
        try {
            // YAML 1.2 holds JSON, and its reader is here anyway.
            if (new Load(LoadSettings.builder().build()).loadFromString(line) instanceof Map<?, ?> object) {
                Map<String, String> fields = new TreeMap<>();
                object.forEach((key, value) -> {
                    if (value != null && !"-".equals(value)) {
                        fields.put(String.valueOf(key), String.valueOf(value));
                    }
                });
                return Optional.of(new LogEntry(fields));
            }
        } catch (YamlEngineException e) {
            // Not a log line of ours; whoever waits for one says that it did not come.
        }
        return Optional.empty();
    }

    /** The value; empty text when there is none. */
    String of(String key) {
        return fields.getOrDefault(key, "");
    }

    boolean outboundTo(String service, int port) {
        return of("upstream_cluster").matches("outbound\\|" + port + "\\|[a-z0-9-]*\\|" + service + "\\..*");
    }

    /** Whether this was sent to that subset of a service. */
    boolean outboundTo(String service, String subset) {
        return of("upstream_cluster").matches("outbound\\|\\d+\\|" + subset + "\\|" + service + "\\..*");
    }

    /** Whether it is the caller's side. A refused request has no cluster, and its listener none but the callee's. */
    boolean outbound() {
        return of("upstream_cluster").startsWith("outbound|");
    }

    boolean inbound(int port) {
        return of("upstream_cluster").startsWith("inbound|" + port + "|");
    }
}
