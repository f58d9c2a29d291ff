package lateen.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Which users there are in this process' user namespace ({@code /proc/self/uid_map}, user_namespaces(7)).
 *
 * <p>The machine's own root has all. Without root the command runs as root of a user namespace: with the ranges that
 * {@code newuidmap} allowed, in which everything is as for root, or with a single user. Then all processes of the mesh are
 * the same user to the kernel: it is no boundary between them.
 */
final class UserMap {
    private static final UserMap HERE = read();

    private final List<long[]> ranges; // first uid inside, first outside, count

    private UserMap(List<long[]> ranges) {
        this.ranges = ranges;
    }

    private static UserMap read() {
        try {
            return parse(Files.readString(Path.of("/proc/self/uid_map")));
        } catch (IOException e) {
            throw new IllegalStateException("/proc/self/uid_map: " + e.getMessage() + " (expected: Linux)", e);
        }
    }

    static UserMap here() {
        return HERE;
    }

    static UserMap parse(String text) {
        return new UserMap(text.lines()
                .map(line -> line.strip().split("\\s+"))
                .map(words -> new long[] {Long.parseLong(words[0]), Long.parseLong(words[1]), Long.parseLong(words[2])})
                .toList());
    }

    private boolean has(int uid) {
        return ranges.stream().anyMatch(range -> uid >= range[0] && uid < range[0] + range[2]);
    }

    /** Whether sidecar and application are the same user. */
    boolean single() {
        return !has(Account.SIDECAR.uid()) || !has(Account.APPLICATION.uid());
    }

    /** @throws IOException when an instance needs more users than there are */
    void check(Instance instance) throws IOException {
        if (!single()) {
            return;
        }
        String more = "newuidmap and a range in /etc/subuid, or root)";
        if (instance.workload().envoy().isPresent()) {
            throw new IOException(instance.name()
                    + ": there is only one user here, and an Envoy is known by its user alone" + " (expected: " + more);
        }
        for (MeshPlan.Application application : instance.workload().applications()) {
            if (!application.user().equals(Account.APPLICATION)) {
                throw new IOException(
                        instance.name() + ": user " + application.user().uid()
                                + ": there is only one user here (expected: " + Account.APPLICATION.uid()
                                + ", which stands for it; or " + more);
            }
        }
    }

    /** Whether this is a namespace below the machine's: then folders such as /run are this command's own. */
    boolean nested() {
        return !(ranges.size() == 1 && ranges.getFirst()[1] == 0 && ranges.getFirst()[2] == 0xFFFF_FFFFL);
    }
}
