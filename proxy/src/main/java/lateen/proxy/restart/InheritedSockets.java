package lateen.proxy.restart;

import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Listening sockets that came from the process before, by name. Any thread. */
public final class InheritedSockets {
    private static final Logger log = LoggerFactory.getLogger(InheritedSockets.class);

    private final Map<String, FileDescriptor> waiting;
    private boolean shared;

    InheritedSockets(Map<String, FileDescriptor> sockets) {
        waiting = new HashMap<>(sockets);
        shared = !sockets.isEmpty();
    }

    /** There was no process before. */
    public static InheritedSockets none() {
        return new InheritedSockets(Map.of());
    }

    /** The taker's from now on; null: there is none of that name. */
    public synchronized @Nullable FileDescriptor take(String name) {
        return waiting.remove(name);
    }

    /** Whether the process before still listens too. */
    public synchronized boolean shared() {
        return shared;
    }

    /** The process before listens no more: closes those that nobody took. */
    public synchronized void closeRest() {
        shared = false;
        waiting.forEach((name, socket) -> {
            log.info("{} is not listened on any more", name);
            try {
                socket.close();
            } catch (IOException e) {
                log.warn("{}: {}", name, e.getMessage());
            }
        });
        waiting.clear();
    }
}
