package lateen.xds.decode;

import com.google.protobuf.Any;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.accesslog.v3.AccessLog;
import io.envoyproxy.envoy.config.core.v3.SubstitutionFormatString;
import io.envoyproxy.envoy.extensions.access_loggers.file.v3.FileAccessLog;
import io.envoyproxy.envoy.extensions.access_loggers.stream.v3.StderrAccessLog;
import io.envoyproxy.envoy.extensions.access_loggers.stream.v3.StdoutAccessLog;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.TreeMap;
import lateen.decision.config.AccessLogConfig;

/** Envoy: {@code extensions.access_loggers.file} and {@code .stream}. */
final class AccessLogDecoder {

    private AccessLogDecoder() {}

    static List<AccessLogConfig> logs(List<AccessLog> logs, FieldPath at) {
        return at.each(logs, "access_log", (log, where) -> {
            if (log.hasFilter()) {
                throw where.at("filter").because("unsupported here (supported: on a listener, response flag NR)");
            }
            return log(log, where);
        });
    }

    /** Of a listener: its log is for connections that no chain took, which is what Istio's filter on NR says. */
    static List<AccessLogConfig> unmatched(List<AccessLog> logs, FieldPath at) {
        return at.each(logs, "access_log", (log, where) -> {
            List<String> flags = log.getFilter().getResponseFlagFilter().getFlagsList();
            if (log.hasFilter() && !flags.equals(List.of("NR"))) {
                throw where.at("filter").at("response_flag_filter").refuse(flags, "[NR], or no filter");
            }
            return log(log, where);
        });
    }

    private static AccessLogConfig log(AccessLog log, FieldPath where) {
        FieldPath at = where.at("typed_config");
        Any config = log.getTypedConfig();
        return switch (Values.typeName(config)) {
            case "envoy.extensions.access_loggers.file.v3.FileAccessLog" ->
                file(Values.open(config, FileAccessLog.getDefaultInstance(), at), at);
            case "envoy.extensions.access_loggers.stream.v3.StdoutAccessLog" -> {
                StdoutAccessLog out = Values.open(config, StdoutAccessLog.getDefaultInstance(), at);
                yield format("/dev/stdout", out.getLogFormat(), at.at("log_format"));
            }
            case "envoy.extensions.access_loggers.stream.v3.StderrAccessLog" -> {
                StderrAccessLog err = Values.open(config, StderrAccessLog.getDefaultInstance(), at);
                yield format("/dev/stderr", err.getLogFormat(), at.at("log_format"));
            }
            default ->
                throw where.because("unsupported access log '" + log.getName() + "' of type '" + Values.typeName(config)
                        + "' (supported: file, stdout, stderr)");
        };
    }

    @SuppressWarnings("deprecation") // format and json_format are what many mesh configurations still carry.
    private static AccessLogConfig file(FileAccessLog log, FieldPath at) {
        String path = at.required(log.getPath(), "path");
        return switch (log.getAccessLogFormatCase()) {
            case ACCESSLOGFORMAT_NOT_SET -> new AccessLogConfig(path, null, null);
            case FORMAT -> new AccessLogConfig(path, log.getFormat().isEmpty() ? null : log.getFormat(), null);
            case JSON_FORMAT -> new AccessLogConfig(path, null, json(log.getJsonFormat(), at.at("json_format")));
            case TYPED_JSON_FORMAT ->
                new AccessLogConfig(path, null, json(log.getTypedJsonFormat(), at.at("typed_json_format")));
            case LOG_FORMAT -> format(path, log.getLogFormat(), at.at("log_format"));
        };
    }

    @SuppressWarnings("deprecation") // text_format: as above.
    private static AccessLogConfig format(String path, SubstitutionFormatString format, FieldPath at) {
        return switch (format.getFormatCase()) {
            case FORMAT_NOT_SET -> new AccessLogConfig(path, null, null);
            case TEXT_FORMAT -> new AccessLogConfig(path, format.getTextFormat(), null);
            case TEXT_FORMAT_SOURCE ->
                new AccessLogConfig(path, Values.text(format.getTextFormatSource(), at.at("text_format_source")), null);
            case JSON_FORMAT -> new AccessLogConfig(path, null, json(format.getJsonFormat(), at.at("json_format")));
        };
    }

    /** In the order of the keys: the wire keeps none. */
    private static SequencedMap<String, String> json(Struct format, FieldPath at) {
        SequencedMap<String, String> fields = new LinkedHashMap<>();
        new TreeMap<>(format.getFieldsMap()).forEach((key, value) -> {
            if (value.getKindCase() != Value.KindCase.STRING_VALUE) {
                throw at.at(key).refuse(value.getKindCase(), "text with operators");
            }
            fields.put(key, value.getStringValue());
        });
        return fields;
    }
}
