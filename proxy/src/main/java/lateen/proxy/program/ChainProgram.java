package lateen.proxy.program;

import java.util.List;
import lateen.decision.config.FilterChainConfig;
import lateen.decision.config.NetworkFilter;
import lateen.proxy.tls.ServerTls;
import org.jspecify.annotations.Nullable;

/**
 * A filter chain ready for use.
 *
 * @param tls null: plaintext
 * @param authorization asked in order before the terminal filter sees the connection
 */
public record ChainProgram(
        FilterChainConfig config, @Nullable ServerTls tls, List<AccessStep> authorization, Terminal terminal) {

    /** What ends a chain. */
    public sealed interface Terminal {
        record Tcp(TcpProgram program) implements Terminal {}

        record Http(HttpProgram program) implements Terminal {}
    }

    /** Whether its policies for connections look at the server name that a ClientHello asks for. */
    public boolean asksServerName() {
        for (NetworkFilter each : config.filters()) {
            if (each instanceof NetworkFilter.Rbac rbac
                    && (rbac.rules().asksServerName()
                            || (rbac.shadow() != null && rbac.shadow().rules().asksServerName()))) {
                return true;
            }
        }
        return false;
    }

    /** Whether connections of the other chain may go on here: all but the HTTP program is the same. */
    public boolean continues(ChainProgram other) {
        return terminal instanceof Terminal.Http
                && other.terminal instanceof Terminal.Http
                && java.util.Objects.equals(config.tls(), other.config.tls())
                && config.match().equals(other.config.match())
                && networkRules(config).equals(networkRules(other.config));
    }

    private static List<NetworkFilter> networkRules(FilterChainConfig chain) {
        return chain.filters().stream()
                .filter(each -> each instanceof NetworkFilter.Rbac || each instanceof NetworkFilter.ExtAuthz)
                .toList();
    }
}
