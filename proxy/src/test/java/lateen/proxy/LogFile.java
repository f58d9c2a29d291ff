package lateen.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lateen.decision.config.AccessLogConfig;
import org.awaitility.Awaitility;

/** An access log of flat JSON lines, read back. */
final class LogFile {
    private static final Pattern FIELD = Pattern.compile("\"([a-z_]+)\":(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([0-9]+|null))");

    private final Path path;
    private final SequencedMap<String, String> keys = new LinkedHashMap<>();

    LogFile(Path path) {
        this.path = path;
        key("start", "%START_TIME(%s)%");
        key("method", "%REQ(:METHOD)%");
        key("path", "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%");
        key("id", "%REQ(X-REQUEST-ID)%");
        key("authority", "%REQ(:AUTHORITY)%");
        key("service_time", "%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%");
        for (String each : List.of(
                "protocol",
                "response_code",
                "response_flags",
                "response_code_details",
                "connection_termination_details",
                "upstream_transport_failure_reason",
                "downstream_transport_failure_reason",
                "bytes_received",
                "bytes_sent",
                "duration",
                "upstream_host",
                "upstream_cluster",
                "upstream_local_address",
                "downstream_local_address",
                "downstream_remote_address",
                "requested_server_name",
                "route_name",
                "downstream_peer_uri_san",
                "downstream_local_uri_san",
                "downstream_tls_version",
                "upstream_peer_uri_san",
                "upstream_local_uri_san",
                "upstream_tls_version",
                "connection_id")) {
            key(each, "%" + each.toUpperCase(java.util.Locale.ROOT) + "%");
        }
    }

    private void key(String name, String operator) {
        keys.put(name, operator);
    }

    AccessLogConfig config() {
        return new AccessLogConfig(path.toString(), null, keys);
    }

    /** Waits for so many lines; no more may have come. */
    List<Line> lines(int expected) {
        Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> read().size() >= expected);
        List<String> lines = read();
        assertThat(lines).hasSize(expected);
        return lines.stream().map(Line::new).toList();
    }

    private List<String> read() {
        try {
            return Files.exists(path) ? Files.readAllLines(path) : List.of();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** One line. */
    record Line(String text) {
        /** Null: the value is null, as where there is none. */
        String of(String key) {
            Matcher matcher = FIELD.matcher(text);
            while (matcher.find()) {
                if (matcher.group(1).equals(key)) {
                    return matcher.group(2) != null
                            ? matcher.group(2)
                            : "null".equals(matcher.group(3)) ? null : matcher.group(3);
                }
            }
            throw new AssertionError("no key " + key + " in " + text);
        }
    }
}
