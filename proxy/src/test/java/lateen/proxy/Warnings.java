package lateen.proxy;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** What the data plane warns of, while this is open. */
final class Warnings extends Handler implements AutoCloseable {
    /** Kept, or the registration could be collected. */
    private static final Logger LATEEN = Logger.getLogger("lateen.proxy");

    private final List<String> lines = new CopyOnWriteArrayList<>();

    Warnings() {
        LATEEN.addHandler(this);
    }

    @Override
    public void publish(LogRecord event) {
        if (event.getLevel().intValue() >= Level.WARNING.intValue()) {
            lines.add(new SimpleFormatter().formatMessage(event));
        }
    }

    List<String> lines() {
        return lines;
    }

    @Override
    public void flush() {
        // Nothing is held back.
    }

    @Override
    public void close() {
        LATEEN.removeHandler(this);
    }
}
