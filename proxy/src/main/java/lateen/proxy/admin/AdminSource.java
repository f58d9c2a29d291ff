package lateen.proxy.admin;

import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import lateen.proxy.program.Program;
import lateen.proxy.stats.Stats;
import lateen.proxy.tls.SecretStore;

/**
 * Where the pages take their content from. All of it may be asked by any thread.
 *
 * @param program in effect
 * @param addresses where a listener listens; empty: it has no socket
 * @param configDump JSON as Envoy's {@code /config_dump}, without private keys
 * @param warming names of resources that wait for others
 * @param node Envoy's {@code --service-node}
 * @param version of this program, such as {@code 0.1.0}
 */
public record AdminSource(
        Supplier<Program> program,
        Function<String, List<InetSocketAddress>> addresses,
        SecretStore secrets,
        Stats stats,
        Supplier<String> configDump,
        Supplier<Readiness> readiness,
        Supplier<? extends Collection<String>> warming,
        String node,
        String version,
        InstantSource clock) {}
