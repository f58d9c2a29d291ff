package lateen.local;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * One network namespace of a run.
 *
 * @param name as {@code ip netns} lists it
 * @param ipv4 its address on the run's bridge
 * @param ipv6 its unique-local address there
 */
public record Namespace(String name, String ipv4, String ipv6) {

    static Path file(String name) {
        return Path.of("/run/netns", name);
    }

    /**
     * A command that runs inside as the given user, without capabilities, and dies with the thread that started it.
     * Name resolution inside uses the namespace's own hosts file.
     */
    public List<String> command(Account user, List<String> command) {
        List<String> whole = new ArrayList<>(List.of("ip", "netns", "exec", name));
        whole.addAll(user.become(command));
        return whole;
    }
}
