package lateen.proxy.tls;

import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.internal.tcnative.SSL;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/**
 * A server name as it is configured, RFC 6066 section 3. Istio's {@code outbound_.80_._.host} has underscores, and is no
 * host name to the JDK's {@code SNIHostName}: both libraries would leave it out without a word.
 */
final class ServerName extends SNIServerName {
    private static final int HOST_NAME = 0;

    private ServerName(String name) {
        super(HOST_NAME, name.getBytes(StandardCharsets.US_ASCII));
    }

    /** Before the handshake. */
    static void set(SSLEngine engine, String name) {
        if (engine instanceof ReferenceCountedOpenSslEngine boring) {
            SSL.setTlsExtHostName(boring.sslPointer(), name);
        } else {
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setServerNames(List.of(new ServerName(name)));
            engine.setSSLParameters(parameters);
        }
    }
}
