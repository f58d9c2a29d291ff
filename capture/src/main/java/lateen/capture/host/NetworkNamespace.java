package lateen.capture.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import lateen.capture.model.Numbers;

/**
 * Where rules live: this process's namespace, or another one that is entered for each command.
 *
 * @param file the namespace's file; empty for the own one
 * @param resolvConf the resolv.conf that programs in it read
 */
public record NetworkNamespace(Optional<Path> file, Path resolvConf) {
    private static final Path RESOLV_CONF = Path.of("/etc/resolv.conf");

    /** The namespace of this process. */
    public static NetworkNamespace own() {
        return new NetworkNamespace(Optional.empty(), RESOLV_CONF);
    }

    /** A namespace as {@code ip netns} knows it, by its name. */
    public static NetworkNamespace named(String name) {
        Path file = Path.of("/run/netns", name);
        Path own = Path.of("/etc/netns", name, "resolv.conf");
        return new NetworkNamespace(Optional.of(file), Files.exists(own) ? own : RESOLV_CONF);
    }

    /** The namespace of a process, by its id. */
    public static NetworkNamespace ofProcess(long pid) {
        return new NetworkNamespace(
                Optional.of(Path.of("/proc", Long.toString(pid), "ns/net")),
                Path.of("/proc", Long.toString(pid), "root/etc/resolv.conf"));
    }

    /**
     * Reads what {@code --network-namespace} takes: a path, a process id, or a name.
     *
     * @throws IOException when there is no such namespace
     */
    public static NetworkNamespace parse(String text) throws IOException {
        long pid = Numbers.parseLong(text, 1, Integer.MAX_VALUE);
        NetworkNamespace namespace;
        if (text.indexOf('/') >= 0) {
            namespace = new NetworkNamespace(Optional.of(Path.of(text)), RESOLV_CONF);
        } else if (pid > 0) {
            namespace = ofProcess(pid);
        } else if (text.equals(".") || text.equals("..") || text.isEmpty()) {
            throw missing(text);
        } else {
            namespace = named(text);
        }
        if (namespace.file.isPresent() && !Files.exists(namespace.file.get())) {
            throw missing(text);
        }
        return namespace;
    }

    private static IOException missing(String text) {
        return new IOException("network namespace: \"" + text
                + "\" (expected: a name that `ip netns` lists, a process id, or a path like /proc/PID/ns/net)");
    }

    /** The command, made to run inside. */
    public List<String> inside(List<String> command) {
        if (file.isEmpty()) {
            return command;
        }
        List<String> entered = new ArrayList<>(List.of("nsenter", "--net=" + file.get(), "--"));
        entered.addAll(command);
        return entered;
    }
}
