package lateen.proxy.http1;

import lateen.decision.request.HeaderName;

/** Names of headers that a proxy looks at or writes. */
public final class KnownHeader {

    public static final HeaderName HOST = HeaderName.of("host");
    public static final HeaderName CONNECTION = HeaderName.of("connection");
    public static final HeaderName CONTENT_LENGTH = HeaderName.of("content-length");
    public static final HeaderName CONTENT_TYPE = HeaderName.of("content-type");
    public static final HeaderName COOKIE = HeaderName.of("cookie");
    public static final HeaderName DATE = HeaderName.of("date");
    public static final HeaderName EXPECT = HeaderName.of("expect");
    /** Goes with an upgrade to h2c, which is never granted; RFC 7540 section 3.2.1. */
    public static final HeaderName HTTP2_SETTINGS = HeaderName.of("http2-settings");

    public static final HeaderName KEEP_ALIVE = HeaderName.of("keep-alive");
    public static final HeaderName PROXY_CONNECTION = HeaderName.of("proxy-connection");
    public static final HeaderName SERVER = HeaderName.of("server");
    public static final HeaderName SET_COOKIE = HeaderName.of("set-cookie");
    public static final HeaderName TE = HeaderName.of("te");
    public static final HeaderName TRANSFER_ENCODING = HeaderName.of("transfer-encoding");
    public static final HeaderName UPGRADE = HeaderName.of("upgrade");
    public static final HeaderName USER_AGENT = HeaderName.of("user-agent");
    public static final HeaderName X_FORWARDED_FOR = HeaderName.of("x-forwarded-for");
    public static final HeaderName X_FORWARDED_PROTO = HeaderName.of("x-forwarded-proto");
    public static final HeaderName X_FORWARDED_CLIENT_CERT = HeaderName.of("x-forwarded-client-cert");
    public static final HeaderName X_REQUEST_ID = HeaderName.of("x-request-id");
    public static final HeaderName X_ENVOY_UPSTREAM_SERVICE_TIME = HeaderName.of("x-envoy-upstream-service-time");
    /** The path before the route rewrote it. */
    public static final HeaderName X_ENVOY_ORIGINAL_PATH = HeaderName.of("x-envoy-original-path");

    public static final HeaderName GRPC_STATUS = HeaderName.of("grpc-status");

    /** Not a name but the one value of TE that passes a proxy. */
    static final HeaderName TRAILERS = HeaderName.of("trailers");

    private KnownHeader() {}
}
