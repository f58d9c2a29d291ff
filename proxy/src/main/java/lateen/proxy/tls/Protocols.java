package lateen.proxy.tls;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import lateen.decision.config.TlsAlgorithms;

/** Names of versions and application protocols as the TLS library wants them. */
final class Protocols {
    private static final List<String> TLS_1_3_SUITES =
            List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");

    private Protocols() {}

    /**
     * BoringSSL, but the JDK's own TLS where a direction may end before the other: netty-tcnative's engine answers a
     * close_notify by ending both (RFC 8446 section 6.1 ends one only), which would cut the reply to a client that
     * half-closes. Handshakes of such TCP connections cost more for it.
     */
    static SslProvider provider(boolean halfClose) {
        return halfClose ? SslProvider.JDK : SslProvider.OPENSSL;
    }

    /** Versions, cipher suites and, of BoringSSL, groups; the JDK wants its groups with each engine: {@link #groups}. */
    static void algorithms(SslContextBuilder builder, TlsAlgorithms wanted, boolean halfClose) {
        builder.protocols(wanted.versions());
        if (!wanted.cipherSuites().isEmpty()) {
            List<String> suites = new ArrayList<>(wanted.cipherSuites());
            suites.addAll(TLS_1_3_SUITES);
            builder.ciphers(suites);
        }
        if (!halfClose && !wanted.groups().isEmpty()) {
            builder.option(OpenSslContextOption.GROUPS, wanted.groups().toArray(String[]::new));
        }
    }

    static void groups(SSLEngine engine, TlsAlgorithms wanted) {
        if (!wanted.groups().isEmpty()) {
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setNamedGroups(wanted.groups().toArray(String[]::new));
            engine.setSSLParameters(parameters);
        }
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
