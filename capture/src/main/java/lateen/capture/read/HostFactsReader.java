package lateen.capture.read;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import lateen.capture.host.CommandRunner;
import lateen.capture.host.NetworkNamespace;
import lateen.capture.model.Cidr;
import lateen.capture.model.HostFacts;

/** Reads {@link HostFacts} of a namespace: its own by the JDK, another's by {@code ip addr}. */
public final class HostFactsReader {
    private static final int MAX_RESOLV_CONF = 65_536;

    private final CommandRunner runner;

    public HostFactsReader(CommandRunner runner) {
        this.runner = runner;
    }

    /** Blocking; changes nothing. */
    public HostFacts read(NetworkNamespace namespace) throws IOException {
        return new HostFacts(
                namespace.file().isEmpty() ? ownAddresses(namespace) : listedAddresses(namespace),
                dnsServers(namespace));
    }

    private List<InetAddress> ownAddresses(NetworkNamespace namespace) throws IOException {
        try {
            return NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .toList();
        } catch (SocketException e) {
            // The JDK's way to say that no interface is up; it would say the same of a failure.
            return listedAddresses(namespace);
        }
    }

    private List<InetAddress> listedAddresses(NetworkNamespace namespace) throws IOException {
        CommandRunner.Result result;
        try {
            result = runner.run(namespace.inside(List.of("ip", "-o", "addr", "show")), "");
        } catch (CommandRunner.ProgramMissingException e) {
            throw new IOException(
                    e.getMessage() + " (needed: the Debian packages iproute2 (ip) and util-linux (nsenter))", e);
        }
        if (!result.ok()) {
            throw new IOException("ip addr show: " + result.errors().strip());
        }
        return addresses(result.output());
    }

    /** Reads {@code ip -o addr show}: number, interface, family, address/prefix, and more that does not matter. */
    static List<InetAddress> addresses(String listing) {
        List<InetAddress> addresses = new ArrayList<>();
        for (String line : listing.lines().toList()) {
            String[] words = line.strip().split("\\s+", 5);
            if (words.length > 3 && (words[2].equals("inet") || words[2].equals("inet6"))) {
                int slash = words[3].indexOf('/');
                Cidr.parseAddress(slash < 0 ? words[3] : words[3].substring(0, slash))
                        .ifPresent(addresses::add);
            }
        }
        return addresses;
    }

    static List<InetAddress> dnsServers(NetworkNamespace namespace) throws IOException {
        try (InputStream stream = Files.newInputStream(namespace.resolvConf())) {
            return HostFacts.dnsServers(new String(stream.readNBytes(MAX_RESOLV_CONF), StandardCharsets.UTF_8));
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }
}
