package lateen.control;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import lateen.control.registry.MeshSnapshot;
import lateen.decision.net.IpAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The addresses of services in a file of the state directory, one host a line, so that a service that had to give way
 * to another keeps its address over a restart too.
 */
final class KeptAddresses {

    private static final Logger LOG = LoggerFactory.getLogger(KeptAddresses.class);

    private final Path file;

    KeptAddresses(Path stateDirectory) {
        this.file = stateDirectory.resolve("virtual-addresses");
    }

    /** A line that cannot be read is left out: the name alone mostly leads to the same address. */
    Map<String, List<IpAddress>> read() {
        Map<String, List<IpAddress>> kept = new HashMap<>();
        if (!Files.exists(file)) {
            return kept;
        }
        try {
            for (String line : Files.readAllLines(file)) {
                String[] words = line.split(" ");
                List<IpAddress> addresses = new ArrayList<>();
                for (int i = 1; i < words.length; i++) {
                    addresses.add(IpAddress.parse(words[i]));
                }
                kept.put(words[0], addresses);
            }
        } catch (IOException | IllegalArgumentException e) {
            LOG.warn("{} is read only in part: {}", file, e.toString());
        }
        return kept;
    }

    void write(MeshSnapshot mesh) {
        Map<String, List<IpAddress>> now = new TreeMap<>();
        mesh.services().forEach((host, service) -> now.put(host, service.addresses()));
        if (now.equals(read())) {
            return;
        }
        List<String> lines = new ArrayList<>();
        now.forEach((host, addresses) -> {
            StringBuilder line = new StringBuilder(host);
            addresses.forEach(a -> line.append(' ').append(a));
            lines.add(line.toString());
        });
        try {
            Path fresh = file.resolveSibling("virtual-addresses.new");
            Files.write(fresh, lines);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            LOG.warn("virtual addresses are not kept, after a restart some may differ: {}", e.toString());
        }
    }
}
