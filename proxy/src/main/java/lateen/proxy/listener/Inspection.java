package lateen.proxy.listener;

import java.util.List;

/** What an inspector sees in a connection's first bytes. */
public sealed interface Inspection {

    /** Undecided; more bytes are needed. */
    record NeedMore() implements Inspection {}

    /** Something else than what the inspector looks for. */
    record Other() implements Inspection {}

    /**
     * A ClientHello.
     *
     * @param serverName lower case; empty: none
     * @param alpn as offered
     */
    record Tls(String serverName, List<String> alpn) implements Inspection {}

    /**
     * An HTTP request.
     *
     * @param protocol {@code http/1.0}, {@code http/1.1} or {@code h2c}
     */
    record Http(String protocol) implements Inspection {}
}
