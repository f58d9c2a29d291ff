package lateen.proxy;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What Netty warns of: an exception that a handler threw, or that no handler took. */
final class Complaints extends Handler implements AutoCloseable {
    private static final Logger NETTY = Logger.getLogger("io.netty.channel");

    private final List<String> found = new CopyOnWriteArrayList<>();

    Complaints() {
        NETTY.addHandler(this);
    }

    @Override
    public void publish(LogRecord event) {
        if (event.getLevel().intValue() >= Level.WARNING.intValue()) {
            found.add(event.getMessage() + " " + event.getThrown());
        }
    }

    List<String> found() {
        return found;
    }

    @Override
    public void flush() {
        // Nothing is held back.
    }

    @Override
    public void close() {
        NETTY.removeHandler(this);
    }
}
