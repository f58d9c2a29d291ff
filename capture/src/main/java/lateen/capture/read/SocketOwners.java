package lateen.capture.read;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lateen.capture.host.NetworkNamespace;
import lateen.capture.model.HostNetwork;

/** Finds the processes of listening sockets: those of the namespace that hold a socket's inode. What may not be seen is left nameless. */
final class SocketOwners {
    private static final Path PROC = Path.of("/proc");

    private SocketOwners() {}

    static List<HostNetwork.Listener> named(List<NetworkListing.Socket> sockets, NetworkNamespace namespace) {
        Map<Long, String> programs = sockets.isEmpty() ? Map.of() : programs(namespace);
        return sockets.stream()
                .map(s -> new HostNetwork.Listener(
                        s.listener().protocol(),
                        s.listener().address(),
                        s.listener().port(),
                        s.listener().uid(),
                        programs.getOrDefault(s.inode(), "")))
                .toList();
    }

    private static Map<Long, String> programs(NetworkNamespace namespace) {
        Map<Long, String> programs = new HashMap<>();
        Path file = namespace.file().orElse(PROC.resolve("self/ns/net"));
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            Object wanted = Files.getAttribute(file, "unix:ino");
            for (Path process : processes) {
                if (inside(process, wanted)) {
                    sockets(process, programs);
                }
            }
        } catch (IOException | UncheckedIOException e) {
            return programs;
        }
        return programs;
    }

    private static boolean inside(Path process, Object wanted) {
        try {
            return wanted.equals(Files.getAttribute(process.resolve("ns/net"), "unix:ino"));
        } catch (IOException e) {
            // It has ended, or is not ours to see.
            return false;
        }
    }

    private static void sockets(Path process, Map<Long, String> programs) {
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
            String name = Files.readString(process.resolve("comm"), StandardCharsets.UTF_8)
                    .strip();
            for (Path descriptor : descriptors) {
                inode(descriptor)
                        .ifPresent(inode -> programs.put(inode, name + " (process " + process.getFileName() + ")"));
            }
        } catch (IOException | UncheckedIOException | java.nio.file.DirectoryIteratorException e) {
            // It has ended meanwhile, or is not ours to see.
            return;
        }
    }

    private static Optional<Long> inode(Path descriptor) {
        try {
            String target = Files.readSymbolicLink(descriptor).toString();
            return target.startsWith("socket:[")
                    ? Optional.of(Long.parseLong(target.substring("socket:[".length(), target.length() - 1)))
                    : Optional.empty();
        } catch (IOException | NumberFormatException e) {
            return Optional.empty();
        }
    }
}
