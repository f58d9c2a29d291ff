package lateen.proxy.accesslog;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import lateen.decision.config.AccessLogConfig;

/** A format, compiled: pieces of text and operators in turn. */
final class LogFormat {

    /** Istio's default order. */
    static final String DEFAULT_TEXT = "[%START_TIME%] \"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\""
            + " %RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% %CONNECTION_TERMINATION_DETAILS%"
            + " \"%UPSTREAM_TRANSPORT_FAILURE_REASON%\" %BYTES_RECEIVED% %BYTES_SENT% %DURATION%"
            + " %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% \"%REQ(X-FORWARDED-FOR)%\" \"%REQ(USER-AGENT)%\""
            + " \"%REQ(X-REQUEST-ID)%\" \"%REQ(:AUTHORITY)%\" \"%UPSTREAM_HOST%\" %UPSTREAM_CLUSTER%"
            + " %UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS%"
            + " %REQUESTED_SERVER_NAME% %ROUTE_NAME%\n";

    private static final byte[] MISSING = {'-'};
    private static final byte[] NULL = {'n', 'u', 'l', 'l'};
    private static final byte[] QUOTE = {'"'};

    private final List<Operator> pieces;
    private final LogBuffer buffer;

    private LogFormat(List<Operator> pieces, boolean json) {
        this.pieces = List.copyOf(pieces);
        this.buffer = new LogBuffer(json);
    }

    /**
     * @throws IllegalArgumentException naming the text, the place in it and what was expected
     */
    static LogFormat compile(AccessLogConfig config, Operators operators) {
        SequencedMap<String, String> json = config.jsonFormat();
        if (json != null) {
            return json(json, operators);
        }
        String text = config.textFormat();
        return new LogFormat(parse(text == null ? DEFAULT_TEXT : text, operators, false), false);
    }

    /** The keys and operators of JSON, where a configuration wants JSON without naming keys. */
    static SequencedMap<String, String> defaultJson() {
        SequencedMap<String, String> map = new LinkedHashMap<>();
        map.put("start_time", "%START_TIME%");
        map.put("method", "%REQ(:METHOD)%");
        map.put("path", "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%");
        for (String name : List.of(
                "protocol",
                "response_code",
                "response_flags",
                "response_code_details",
                "connection_termination_details",
                "upstream_transport_failure_reason",
                "bytes_received",
                "bytes_sent",
                "duration")) {
            map.put(name, "%" + name.toUpperCase(Locale.ROOT) + "%");
        }
        map.put("upstream_service_time", "%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%");
        map.put("x_forwarded_for", "%REQ(X-FORWARDED-FOR)%");
        map.put("user_agent", "%REQ(USER-AGENT)%");
        map.put("request_id", "%REQ(X-REQUEST-ID)%");
        map.put("authority", "%REQ(:AUTHORITY)%");
        for (String name : List.of(
                "upstream_host",
                "upstream_cluster",
                "upstream_local_address",
                "downstream_local_address",
                "downstream_remote_address",
                "requested_server_name",
                "route_name")) {
            map.put(name, "%" + name.toUpperCase(Locale.ROOT) + "%");
        }
        return map;
    }

    private static LogFormat json(SequencedMap<String, String> map, Operators operators) {
        List<Operator> pieces = new ArrayList<>();
        String before = "{";
        for (Map.Entry<String, String> entry : map.entrySet()) {
            LogBuffer key = new LogBuffer(true);
            key.value(entry.getKey(), Integer.MAX_VALUE);
            pieces.add(
                    literal(before + "\"" + new String(key.array(), 0, key.length(), StandardCharsets.UTF_8) + "\":"));
            pieces.add(jsonValue(parse(entry.getValue(), operators, true)));
            before = ",";
        }
        pieces.add(literal(map.isEmpty() ? "{}\n" : "}\n"));
        return new LogFormat(pieces, true);
    }

    /** A single operator keeps its type, and is null where it has no value; anything else is a string. */
    private static Operator jsonValue(List<Operator> parts) {
        if (parts.size() == 1 && !(parts.getFirst() instanceof Literal)) {
            Operator only = parts.getFirst();
            return (entry, out) -> {
                int start = out.length();
                if (!only.numeric()) {
                    out.literal(QUOTE);
                }
                if (only.write(entry, out)) {
                    if (!only.numeric()) {
                        out.literal(QUOTE);
                    }
                } else {
                    out.cut(start);
                    out.literal(NULL);
                }
                return true;
            };
        }
        return (entry, out) -> {
            out.literal(QUOTE);
            writeAll(parts, entry, out);
            out.literal(QUOTE);
            return true;
        };
    }

    private static final class Literal implements Operator {
        private final byte[] text;

        Literal(byte[] text) {
            this.text = text;
        }

        @Override
        public boolean write(LogEntry entry, LogBuffer out) {
            out.literal(text);
            return true;
        }
    }

    private static Literal literal(String text) {
        return new Literal(text.getBytes(StandardCharsets.UTF_8));
    }

    static List<Operator> parse(String format, Operators operators, boolean json) {
        List<Operator> pieces = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        int at = 0;
        while (at < format.length()) {
            char c = format.charAt(at);
            if (c != '%') {
                text.append(c);
                at++;
            } else if (format.startsWith("%%", at)) {
                text.append('%');
                at += 2;
            } else {
                flush(text, pieces, json);
                OperatorText found = OperatorText.read(format, at);
                pieces.add(found.compile(operators));
                at = found.end();
            }
        }
        flush(text, pieces, json);
        return pieces;
    }

    private static void flush(StringBuilder text, List<Operator> pieces, boolean json) {
        if (text.isEmpty()) {
            return;
        }
        String plain = text.toString();
        text.setLength(0);
        if (!json) {
            pieces.add(literal(plain));
            return;
        }
        LogBuffer escaped = new LogBuffer(true);
        escaped.value(plain, Integer.MAX_VALUE);
        pieces.add(new Literal(Arrays.copyOf(escaped.array(), escaped.length())));
    }

    static void writeAll(List<Operator> pieces, LogEntry entry, LogBuffer out) {
        for (Operator piece : pieces) {
            if (!piece.write(entry, out)) {
                out.literal(MISSING);
            }
        }
    }

    /** The formatted line; valid until the next call. Log thread only. */
    LogBuffer format(LogEntry entry) {
        buffer.reset();
        writeAll(pieces, entry, buffer);
        return buffer;
    }
}
