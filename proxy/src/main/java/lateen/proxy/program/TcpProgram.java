package lateen.proxy.program;

import java.util.List;
import lateen.decision.config.NetworkFilter;
import lateen.decision.route.WeightedChoice;
import lateen.proxy.accesslog.AccessLog;
import lateen.proxy.accesslog.TextTemplate;
import org.jspecify.annotations.Nullable;

/**
 * A TCP proxy ready for use.
 *
 * @param tunnel null: its connections go to the hosts as they are
 */
public record TcpProgram(
        NetworkFilter.TcpProxy config,
        WeightedChoice clusters,
        AccessLog log,
        @Nullable Tunnel tunnel) {

    /** @param hostname what CONNECT asks for, made for each connection */
    public record Tunnel(NetworkFilter.Tunneling config, TextTemplate hostname, Edits headers) {
        static Tunnel of(NetworkFilter.Tunneling config) {
            return new Tunnel(config, TextTemplate.compile(config.hostname()), Edits.of(List.of(config.headers())));
        }
    }
}
