package lateen.proxy.authz;

import java.util.Objects;
import lateen.proxy.connection.Downstream;
import lateen.proxy.tls.TlsFacts;
import lateen.xds.authz.CheckRequestWriter.Peer;
import org.jspecify.annotations.Nullable;

/** The two ends of a connection as an authorization server is told of them; encoded once for each connection. */
public final class Peers {
    private final Downstream connection;
    private @Nullable Peer source;
    private @Nullable Peer destination;
    private boolean withCertificate;

    public Peers(Downstream connection) {
        this.connection = connection;
    }

    /**
     * The client. Envoy names an end by the first URI name of its certificate; here only a verified one counts.
     *
     * @param certificate whether its certificate is shown as well
     */
    public Peer source(boolean certificate) {
        if (source == null || withCertificate != certificate) {
            withCertificate = certificate;
            TlsFacts tls = connection.tls();
            boolean verified = tls != null && connection.peerAuthenticated();
            source = Peer.of(
                    connection.remote(),
                    verified && !connection.peerUriNames().isEmpty()
                            ? connection.peerUriNames().getFirst()
                            : "",
                    verified && certificate ? Objects.requireNonNull(tls).peerPem() : "");
        }
        return source;
    }

    public Peer destination() {
        if (destination == null) {
            TlsFacts tls = connection.tls();
            String names = tls == null ? "" : tls.localUriSan();
            int comma = names.indexOf(',');
            destination = Peer.of(connection.destination(), comma < 0 ? names : names.substring(0, comma), "");
        }
        return destination;
    }
}
