package lateen.proxy.tls;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.SslProvider;
import java.util.Arrays;
import java.util.List;
import lateen.decision.config.TlsVersion;

/** Names of versions and application protocols as the TLS library wants them. */
final class Protocols {
    private Protocols() {}

    /**
     * BoringSSL, but the JDK's own TLS where a direction may end before the other: netty-tcnative's engine answers a
     * close_notify by ending both (RFC 8446 section 6.1 ends one only), which would cut the reply to a client that
     * half-closes. Handshakes of such TCP connections cost more for it.
     */
    static SslProvider provider(boolean halfClose) {
        return halfClose ? SslProvider.JDK : SslProvider.OPENSSL;
    }

    static String[] between(TlsVersion minimum, TlsVersion maximum) {
        return Arrays.stream(TlsVersion.values())
                .filter(each -> each.compareTo(minimum) >= 0 && each.compareTo(maximum) <= 0)
                .map(each -> switch (each) {
                    case TLS_1_2 -> "TLSv1.2";
                    case TLS_1_3 -> "TLSv1.3";
                })
                .toArray(String[]::new);
    }

    /** No common protocol is no failure: the connection goes on without one, as with Envoy. */
    static ApplicationProtocolConfig alpn(List<String> protocols) {
        return protocols.isEmpty()
                ? ApplicationProtocolConfig.DISABLED
                : new ApplicationProtocolConfig(
                        ApplicationProtocolConfig.Protocol.ALPN,
                        ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                        ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                        protocols);
    }
}
