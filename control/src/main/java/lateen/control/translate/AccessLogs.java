package lateen.control.translate;

import com.google.protobuf.Struct;
import io.envoyproxy.envoy.config.accesslog.v3.AccessLog;
import io.envoyproxy.envoy.config.accesslog.v3.AccessLogFilter;
import io.envoyproxy.envoy.config.accesslog.v3.ResponseFlagFilter;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.core.v3.SubstitutionFormatString;
import io.envoyproxy.envoy.extensions.access_loggers.file.v3.FileAccessLog;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import lateen.control.registry.MeshSettings;

/** The mesh's access log as a part of listeners. */
final class AccessLogs {

    private static final String[][] DEFAULT_KEYS = {
        {"start_time", "%START_TIME%"},
        {"method", "%REQ(:METHOD)%"},
        {"path", "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%"},
        {"protocol", "%PROTOCOL%"},
        {"response_code", "%RESPONSE_CODE%"},
        {"response_flags", "%RESPONSE_FLAGS%"},
        {"response_code_details", "%RESPONSE_CODE_DETAILS%"},
        {"connection_termination_details", "%CONNECTION_TERMINATION_DETAILS%"},
        {"upstream_transport_failure_reason", "%UPSTREAM_TRANSPORT_FAILURE_REASON%"},
        {"bytes_received", "%BYTES_RECEIVED%"},
        {"bytes_sent", "%BYTES_SENT%"},
        {"duration", "%DURATION%"},
        {"upstream_service_time", "%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%"},
        {"x_forwarded_for", "%REQ(X-FORWARDED-FOR)%"},
        {"user_agent", "%REQ(USER-AGENT)%"},
        {"request_id", "%REQ(X-REQUEST-ID)%"},
        {"authority", "%REQ(:AUTHORITY)%"},
        {"upstream_host", "%UPSTREAM_HOST%"},
        {"upstream_cluster", "%UPSTREAM_CLUSTER%"},
        {"upstream_local_address", "%UPSTREAM_LOCAL_ADDRESS%"},
        {"downstream_local_address", "%DOWNSTREAM_LOCAL_ADDRESS%"},
        {"downstream_remote_address", "%DOWNSTREAM_REMOTE_ADDRESS%"},
        {"requested_server_name", "%REQUESTED_SERVER_NAME%"},
        {"route_name", "%ROUTE_NAME%"},
    };

    private static final String[][] IDENTITY_KEYS = {
        {"downstream_peer_uri_san", "%DOWNSTREAM_PEER_URI_SAN%"},
        {"downstream_tls_version", "%DOWNSTREAM_TLS_VERSION%"},
        {"upstream_peer_uri_san", "%UPSTREAM_PEER_URI_SAN%"},
        {"upstream_tls_version", "%UPSTREAM_TLS_VERSION%"},
    };

    private static final String DEFAULT_TEXT = "[%START_TIME%] \"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%"
            + " %PROTOCOL%\" %RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% %CONNECTION_TERMINATION_DETAILS%"
            + " \"%UPSTREAM_TRANSPORT_FAILURE_REASON%\" %BYTES_RECEIVED% %BYTES_SENT% %DURATION%"
            + " %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% \"%REQ(X-FORWARDED-FOR)%\" \"%REQ(USER-AGENT)%\""
            + " \"%REQ(X-REQUEST-ID)%\" \"%REQ(:AUTHORITY)%\" \"%UPSTREAM_HOST%\" %UPSTREAM_CLUSTER%"
            + " %UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS%"
            + " %REQUESTED_SERVER_NAME% %ROUTE_NAME%\n";

    private AccessLogs() {}

    /** None or one. */
    static List<AccessLog> of(MeshSettings.AccessLog settings) {
        return settings.file().isEmpty() ? List.of() : List.of(log(settings).build());
    }

    /** For a listener: only connections that no filter chain took, as the chains log the others. */
    static List<AccessLog> unmatched(MeshSettings.AccessLog settings) {
        return settings.file().isEmpty()
                ? List.of()
                : List.of(log(settings)
                        .setFilter(AccessLogFilter.newBuilder()
                                .setResponseFlagFilter(
                                        ResponseFlagFilter.newBuilder().addFlags("NR")))
                        .build());
    }

    private static AccessLog.Builder log(MeshSettings.AccessLog settings) {
        FileAccessLog file = FileAccessLog.newBuilder()
                .setPath(settings.file())
                .setLogFormat(format(settings))
                .build();
        return AccessLog.newBuilder().setName("envoy.access_loggers.file").setTypedConfig(Pack.any(file));
    }

    private static SubstitutionFormatString format(MeshSettings.AccessLog settings) {
        String text = settings.text();
        if (text != null) {
            return SubstitutionFormatString.newBuilder()
                    .setTextFormatSource(DataSource.newBuilder().setInlineString(text.isEmpty() ? DEFAULT_TEXT : text))
                    .build();
        }
        Map<String, String> given = settings.json();
        Struct json = Pack.struct(given == null ? keys(settings.identities()) : given);
        return SubstitutionFormatString.newBuilder().setJsonFormat(json).build();
    }

    private static SequencedMap<String, String> keys(boolean identities) {
        SequencedMap<String, String> keys = new LinkedHashMap<>();
        for (String[] key : DEFAULT_KEYS) {
            keys.put(key[0], key[1]);
        }
        if (identities) {
            for (String[] key : IDENTITY_KEYS) {
                keys.put(key[0], key[1]);
            }
        }
        return keys;
    }
}
