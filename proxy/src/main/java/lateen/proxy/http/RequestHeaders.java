package lateen.proxy.http;

import java.nio.charset.StandardCharsets;
import lateen.decision.config.NetworkFilter.HttpConnectionManager;
import lateen.decision.net.IpAddress;
import lateen.decision.request.ByteSlice;
import lateen.proxy.connection.Downstream;
import lateen.proxy.http1.KnownHeader;
import lateen.proxy.http1.RequestHead;
import lateen.proxy.loop.Worker;
import org.jspecify.annotations.Nullable;

/**
 * What the connection manager does to a request's headers before its filters see them. One for each connection; what
 * is the same for all its requests is prepared once.
 */
final class RequestHeaders {
    private static final byte[] HTTP = "http".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] HTTPS = "https".getBytes(StandardCharsets.US_ASCII);

    private final Downstream connection;
    private final Worker worker;
    private final RequestIds ids = new RequestIds();
    private final ByteSlice slice = new ByteSlice();
    private byte @Nullable [] address;
    private byte @Nullable [] certificate;

    RequestHeaders(Downstream connection, Worker worker) {
        this.connection = connection;
        this.worker = worker;
    }

    void apply(RequestHead head, HttpConnectionManager config, boolean keepUpgrade) {
        head.removeHopByHop(keepUpgrade);
        head.remove(KnownHeader.EXPECT);
        head.asHttp11();
        forwarded(head, config);
        if (config.generateRequestId()
                && (!head.has(KnownHeader.X_REQUEST_ID)
                        || (config.useRemoteAddress() && !config.preserveExternalRequestId()))) {
            head.set(KnownHeader.X_REQUEST_ID, ids.next(worker.random()));
        }
        clientCertificate(head, config);
    }

    private void forwarded(RequestHead head, HttpConnectionManager config) {
        byte[] scheme = connection.tls() == null ? HTTP : HTTPS;
        if (config.useRemoteAddress()) {
            if (!connection.remote().isUnix()) {
                byte[] own = address();
                head.append(KnownHeader.X_FORWARDED_FOR, own, 0, own.length);
            }
            head.set(KnownHeader.X_FORWARDED_PROTO, scheme);
            connection.source(null);
            return;
        }
        head.addIfAbsent(KnownHeader.X_FORWARDED_PROTO, scheme, 0, scheme.length);
        connection.source(head.header(KnownHeader.X_FORWARDED_FOR, slice) == 0 ? null : last(head));
    }

    /** The last address that was added is the one that our peer vouches for. */
    private static @Nullable IpAddress last(RequestHead head) {
        String all = head.joined(KnownHeader.X_FORWARDED_FOR).toString();
        try {
            return IpAddress.parse(all.substring(all.lastIndexOf(',') + 1).strip());
        } catch (IllegalArgumentException noAddress) {
            return null;
        }
    }

    private byte[] address() {
        byte[] known = address;
        if (known == null) {
            known = connection.remote().ip().toString().getBytes(StandardCharsets.US_ASCII);
            address = known;
        }
        return known;
    }

    private void clientCertificate(RequestHead head, HttpConnectionManager config) {
        boolean authenticated = connection.peerAuthenticated();
        switch (config.forwardClientCert()) {
            case SANITIZE -> head.remove(KnownHeader.X_FORWARDED_CLIENT_CERT);
            case ALWAYS_FORWARD_ONLY -> {}
            case FORWARD_ONLY -> {
                if (!authenticated) {
                    head.remove(KnownHeader.X_FORWARDED_CLIENT_CERT);
                }
            }
            case APPEND_FORWARD -> {
                if (authenticated) {
                    byte[] own = certificate();
                    head.append(KnownHeader.X_FORWARDED_CLIENT_CERT, own, 0, own.length);
                } else {
                    head.remove(KnownHeader.X_FORWARDED_CLIENT_CERT);
                }
            }
            case SANITIZE_SET -> {
                head.remove(KnownHeader.X_FORWARDED_CLIENT_CERT);
                if (authenticated) {
                    head.set(KnownHeader.X_FORWARDED_CLIENT_CERT, certificate());
                }
            }
        }
    }

    /** Envoy's element with By, Hash, Subject and URI, as Istio asks for them. */
    private byte[] certificate() {
        byte[] known = certificate;
        if (known == null) {
            var tls = connection.tls();
            known = tls == null ? new byte[0] : tls.forwarded().getBytes(StandardCharsets.ISO_8859_1);
            certificate = known;
        }
        return known;
    }
}
