package lateen.proxy.restart;

import io.netty.channel.epoll.EpollDomainSocketChannel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Descriptors go only between processes of one user. Linux: SO_PEERCRED (unix(7)). */
final class PeerUser {
    private static final Path STATUS = Path.of("/proc/self/status");

    private PeerUser() {}

    /** Null: the process at the other end has the user of this one. */
    static @Nullable String stranger(EpollDomainSocketChannel channel) {
        try {
            int peer = channel.peerCredentials().uid();
            int own = own();
            return peer == own ? null : "the other process is of user " + peer + " (expected: " + own + ")";
        } catch (IOException e) {
            return "whose process the other one is cannot be told: " + e.getMessage();
        }
    }

    private static int own() throws IOException {
        for (String line : Files.readAllLines(STATUS)) {
            if (line.startsWith("Uid:")) {
                // Real, effective, saved, of the file system.
                return Integer.parseInt(line.split("\\s+")[2]);
            }
        }
        throw new IOException(STATUS + " has no line 'Uid:'");
    }
}
